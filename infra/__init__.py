"""How messages, documents, time, secrets and telemetry work for every service; nothing here knows a complaint."""
