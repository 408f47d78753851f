"""The pure rules of scoring."""
