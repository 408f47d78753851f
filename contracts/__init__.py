"""The one language of Xiaoneng: every message that travels on the bus, and the topics it travels on.

A partner installs this package alone; it depends on pydantic and nothing else.

``message``      what every message is: a frozen, strict pydantic model that knows its type, topic and key
``envelope``     CloudEvents 1.0 in Kafka binary mode, with W3C trace context
``codes``        the code lists of the domain
``channel``      what a partner channel publishes        ``handling``  what a department publishes
``intake``, ``routing``, ``scoring``, ``notify``         what each service publishes
``dead_letters`` messages that could not be applied      ``topics``    the registry: who writes and reads what
"""
