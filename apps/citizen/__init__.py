"""Public pages for complainants: file, follow, rate, and what is published. No sign-in, usable without script.

``app``       all pages                         ``filing``    the complaint form and its receipt
``requests``  what is asked of the services     ``complaint`` the fields of the form and the submission
``proof``     the sealed cookie of one case     ``uploads``   photographs on their way to intake
``tracking``  one case and its actions          ``actions``   the fields of these actions
``public``    publications, figures, papers     ``allowance`` requests of one address
"""
