"""The case index: a projection of the event topics into an SQLite file of each instance of intake.

Search, lists, figures, due dates, timelines and outcomes of requests are read from it. The loop does not use it: the
file can be deleted at any time, and is filled again from the topics.
"""
