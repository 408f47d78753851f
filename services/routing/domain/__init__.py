"""The pure rules of routing."""
