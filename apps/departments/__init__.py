"""The staff side: a desk reads its units' own `assignments.<unit>` and answers on their `handling.<unit>`.

``answers``   what a desk may say, and who decides it    ``behaviour``  simulated staff
``dispatcher`` a centre's choice of unit                 ``desk``       reads, answers, commits
"""
