"""Findings and what follows from them (问责): the system proposes, a person decides. Source: domain §6, S2, S4."""
