"""What the house costs: its pipeline beside the two plainest ways to carry a message through four services.

``python -m bench`` runs, one after another on the same engines:

``batch``     the bare batch loop, four hops: consume, one bulk write, produce, commit; the most these engines give
``single``    one message at a time, four hops: a FastStream handler with one insert and one publish
``pipeline``  our four services, from submission to assignment, clock and acknowledgement
``life``      our four services and the staff apps, from submission to answer and rating

``chains`` and ``hop`` are the first two, ``services`` and ``cast`` the others; ``race`` measures any of them; ``meter``
weighs the processes; ``report`` prints and keeps the result.
"""
