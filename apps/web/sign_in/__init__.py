"""How people sign in: at an OpenID Connect provider, or by a password of the trial directory.

``people``     the directory file: people, their posts, password hashes (argon2)
``provider``   an OpenID Connect provider
``pages``      the routes: sign in, choose a post, sign out
"""
