"""Scores (考核): made from facts for one period, never counted up on the way. Source: domain §5, S2, S1¶4, S0."""
