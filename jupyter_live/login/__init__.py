"""Signing in at a relay with a name and a password, for whoever has no hub: Django's users and sessions.

Nothing here is imported unless `jupyter live serve --login` or `jupyter live user` asks for it.
"""
