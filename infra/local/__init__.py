"""Brokers, databases and services as processes on this machine: for trials, tests and benchmarks, never for production.

Nothing here knows a topic, a document or a service by name. Every process started here dies with the one that started
it, however that one ended.
"""
