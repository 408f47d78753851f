"""Scoring (考核): every case has a deadline that can be explained, and every rating counts once.

Owns clocks and ratings.
Consumes `cases.events`, `routing.events` and `feedback.<channel>`. Publishes `scoring.events`.
"""
