"""Notify (反馈): everybody who must be told is told, once, in their way.

Owns what was told to whom, what is silent, the printed documents, and what everybody may see. The only service that
can open a contact.
Consumes `cases.events`, `contacts`, `routing.events`, `scoring.events`, `watch.<system>`, `conduct.<unit>`,
`publicity.<unit>`, `receipts.<provider>` and `notices.redrive`. Publishes `notices.events`, `notices.owed`,
`replies.<channel>`, `published.<unit>` and `board.events`; sends mail, SMS and webhooks. Serves inboxes, dead notices,
receipts, silence, series (日报、周报、简报), documents, the public screen and publications over HTTP.
"""
