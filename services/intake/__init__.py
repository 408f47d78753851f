"""Intake (受理): a complaint gets its number, or a refusal with its reasons.

Owns whether a submission is a case, its number, and the sealing of its complainant's identity.
Consumes `complaints.<channel>`. Publishes `cases.events` and `contacts`.
"""
