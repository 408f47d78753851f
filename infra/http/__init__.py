"""How a service serves HTTP: keys, limits, errors in one shape, an OpenAPI document from the routes themselves.

A handler reads state or publishes a message; it never decides.
"""
