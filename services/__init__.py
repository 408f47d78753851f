"""The four services. Each runs alone, imports none of the others, and speaks only through topics."""
