"""The secret ballot, pure: codes, commitments, sealing for three keyholders, promises, openings and the recount.

Only `hashlib` and PyNaCl, and no invented primitive. Hexadecimal is in lower case.
"""
