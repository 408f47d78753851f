"""The ways out of notify: each provider behind one port, in a lane of its own, so that none can delay another."""
