"""What the apps with pages share: sign-in, sessions, the services' HTTP client, forms, live regions, layout.

``settings``  what every app reads from the environment      ``site``      routes, templates, errors of one app
``language``  the language of a page                         ``sessions``  who is signed in, in a signed cookie
``services``  requests to the four services                  ``tokens``    signs who acts
``place``     names of units, areas, categories              ``forms``     a form for a command, and its faults
``live``      server-sent events for regions of a page       ``sign_in``   OpenID Connect and the trial directory
"""
