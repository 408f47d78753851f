"""Intake (受理): a complaint gets its number, or a refusal with its reasons.

Owns whether a submission is a case, whether it is in scope and complete, its number, and the sealing of its
complainant's identity. Consumes `complaints.<channel>`, `clerking.<centre>`. Publishes `cases.events`, `contacts` and
each centre's `reception.<centre>`. Serves Open311 GeoReport v2 and a JSON API of its own.
"""
