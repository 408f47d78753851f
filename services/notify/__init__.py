"""Notify (反馈): everybody who must be told is told, once, in their way.

Owns what was told to whom, and what is silent. The only service that can open a contact.
Consumes `cases.events`, `contacts`, `routing.events`, `scoring.events`, `watch.<system>`, `conduct.<unit>`,
`receipts.<provider>` and `notices.redrive`. Publishes `notices.events`, `notices.owed` and `replies.<channel>`; sends
mail, SMS and webhooks. Prints its series (日报、周报、简报); serves them, inboxes, dead notices, receipts and silence
over HTTP.
"""
