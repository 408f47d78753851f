"""Reference clients, as a partner would write them: they know the contracts and the wire, nothing of the services.

``channel``  submits complaints and collects what their complainants are owed
``desk``     the staff side: a unit's or a centre's daily work
``wire``     a producer that does not give up, a consumer that starts at the beginning
``trace``    W3C trace context, with OpenTelemetry or without
"""
