"""The board: the cockpit of supervisors, who sign in, and the public screen (大屏), which needs no sign-in.

It asks the services for counts that they make themselves, once for all browsers of a unit, and counts nothing twice.
``cockpit``   pages of supervisors           ``scopes``      what one unit sees now, asked for again every few seconds
``panels``    charts and their tables        ``span_store``  spans that services export, for the trace of a case
``screen``    the public screen              ``waterfall``   lays out a trace
"""
