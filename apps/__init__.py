"""Reference clients, as a partner would write them: they know the contracts and the wire, nothing of the services.

``citizen``      public pages: complain, follow a case, rate it
``desk``         staff: hotline, reception, dispatch, departments, supervision
``board``        the supervisors' cockpit and the public screen
``city``         administration of the place
``channel``      submits complaints and collects the replies to their complainants
``departments``  simulated staff of units and centres
``web``          what the apps with pages share
``wire``         a producer that does not give up, a consumer that starts at the beginning
``trace``        W3C trace context, with OpenTelemetry or without
"""
