"""How somebody shows who they are: addresses, links, passkeys, codes, work accounts, and the sessions that follow.

There is no password here to steal. Whatever somebody carries (a session's token, a link, an invitation, a recovery code) is
stored as its digest only, made for one purpose. All of it stands beside the log, belongs to one person, and goes with them.
"""
