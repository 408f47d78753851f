"""The staff's desk: every role of a unit works here, over the services' HTTP interfaces.

``app``        the pages of the desk, on one page          ``actions``    commands as forms: one mechanism for all
``home``       what waits for the post                     ``*_actions``  the commands of each role
``inbox``      what the unit was sent, with its limits     ``cases``      a case, whole, with what may be done now
``notices``    notices to the unit                         ``files``      attachments and documents, streamed
``countdown``  limits in words                             ``changes``    events of a case in words
``replies``    templates of answers                        ``words``      names of codes in two languages
"""
