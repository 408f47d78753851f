"""Notify (反馈): the complainant is told, by the way they chose, once.

Owns what was told to whom. The only service that can open a contact.
Consumes `cases.events`, `contacts`, `routing.events` and `scoring.events`. Publishes `notices.events` and
`replies.<channel>`; sends mail by SMTP. Prints its series (日报、周报、简报) and serves them over HTTP.
"""
