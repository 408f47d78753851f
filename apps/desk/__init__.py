"""The staff's desk: every role of a unit works here, over the services' HTTP interfaces.

``app``        the pages of the desk, on one page          ``actions``   commands as forms: one mechanism for all
``home``       what waits for the post                     ``cases``     a case, whole, with what may be done now
"""
