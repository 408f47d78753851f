"""Notify (反馈): the complainant is told, by the way they chose, once.

Owns what was told to whom, the printed documents, and what everybody may see. The only service that can open a contact.
Consumes `cases.events`, `contacts`, `routing.events`, `scoring.events`, `conduct.<unit>` and `publicity.<unit>`.
Publishes `notices.events`, `replies.<channel>`, `published.<unit>` and `board.events`; sends mail by SMTP.
"""
