"""The pure rules of notify."""
