"""The pure rules of intake."""
