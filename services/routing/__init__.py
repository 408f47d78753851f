"""Routing (派单): every case has one responsible unit from registration to close, never a recused one.

Owns who is asked, who is responsible, who verifies, the answer that closes a case and its evidence; instructions, notes
and the consultations on which rulings rest.
Consumes `cases.events` and `handling.<unit>`. Publishes `routing.events` and each unit's `assignments.<unit>`.
"""
