"""The public key of this site's log: what everybody needs to check a proof from it."""

from flask import current_app

from ledger.note import KeyBroken, VerifierKey


def log_verifier() -> VerifierKey | None:
    """The key that LOG_VERIFIER_KEY names; none when it is not set or is not whole, which `commonpurse doctor` says."""
    try:
        return VerifierKey.parse(current_app.config["LOG_VERIFIER_KEY"])
    except KeyBroken:
        return None
