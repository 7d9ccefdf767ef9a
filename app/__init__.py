"""Commonpurse on the web: one package for each audience, around one ledger.

`app.site` builds it; `wsgi.py` serves it; `python -m app` is the command `commonpurse`. Nothing is loaded here: a command that
needs neither site nor database starts without them.
"""
