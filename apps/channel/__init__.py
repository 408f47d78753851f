"""A channel's side: complaints go out on `complaints.<channel>`, answers come in on `replies.<channel>`.

``rows``        what reading a line of an input gives      ``csv_nyc311``, ``jsonl``  the inputs themselves
``generate``    made-up complaints of a place              ``feed``      publishes, and goes on where it stopped
``progress``    how far an input is safely with the broker ``replies``   collects what the complainants are owed
"""
