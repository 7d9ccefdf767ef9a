"""Passkeys as a browser and the site speak of them (WebAuthn): what is asked, and whether the answer is right.

A passkey is kept by the device and found there without a name being typed; the device asks for a finger, a face or a PIN each
time. What is asked is kept in the database until it is answered, once.
"""

from typing import Any
from urllib.parse import urlsplit

import webauthn
from flask import current_app, session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_challenge
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.acting import Acting
from app.addressing import site_address
from app.store import reading, unit_of_work
from ledger.credentials.challenges import ChallengeOver, set_challenge, take_challenge
from ledger.credentials.passkeys import add_passkey, count_signature, passkey, passkeys_of
from ledger.errors import LedgerError

_TOKEN = "challenge"  # noqa: S105 - its name in the signed cookie
_NEW, _SIGN_IN = "a new passkey", "a passkey's signature"


class PasskeyRefused(LedgerError):
    """This passkey could not be checked. Try again, or sign in in another way; nothing was changed."""


def ask_for_new(person: Acting) -> str:
    """What a browser needs to make a passkey for this person, as JSON."""
    there = [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row.id)) for row in passkeys_of(reading(), person.ref)]
    options = webauthn.generate_registration_options(
        rp_id=_host(),
        rp_name=str(current_app.config["SITE_NAME"]),
        user_id=person.ref.encode(),
        user_name=person.name,
        challenge=_challenge(f"{_NEW} of {person.ref}"),
        exclude_credentials=there,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options)


def take_new(person: str, answer: dict[str, Any], label: str) -> None:
    """Keep the passkey that a browser made. Raises PasskeyRefused, PasskeyThere, ChallengeOver."""
    asked = _taken(f"{_NEW} of {person}")
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=asked,
            expected_rp_id=_host(),
            expected_origin=site_address(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise PasskeyRefused from fault
    with unit_of_work(appends=False) as unit:
        add_passkey(
            unit,
            person=person,
            key_id=bytes_to_base64url(made.credential_id),
            public_key=made.credential_public_key,
            signs=made.sign_count,
            label=label,
        )
        unit.commit()


def ask_to_sign() -> str:
    """What a browser needs to sign in with a passkey, whoever it is, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=_host(), challenge=_challenge(_SIGN_IN), user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options)


def person_who_signed(answer: dict[str, Any]) -> str:
    """Whose passkey signed. Raises PasskeyRefused, PasskeyCopied, ChallengeOver."""
    asked = _taken(_SIGN_IN)
    known = passkey(reading(), str(answer.get("id", "")))
    if known is None:
        raise PasskeyRefused
    person, key_id = known.person, known.id
    try:
        checked = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=asked,
            expected_rp_id=_host(),
            expected_origin=site_address(),
            credential_public_key=known.public_key,
            credential_current_sign_count=0,  # `count_signature` compares it, in one statement with keeping it
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as fault:
        raise PasskeyRefused from fault
    with unit_of_work(appends=False) as unit:
        count_signature(unit, key_id=key_id, signs=checked.new_sign_count)
        unit.commit()
    return person


def _host() -> str:
    return urlsplit(site_address()).hostname or ""


def _challenge(what: str) -> bytes:
    asked = generate_challenge()
    with unit_of_work(appends=False) as unit:
        session[_TOKEN] = set_challenge(unit, what=what, kept=bytes_to_base64url(asked))
        unit.commit()
    return asked


def _taken(what: str) -> bytes:
    token = session.pop(_TOKEN, None)
    if not isinstance(token, str):
        raise ChallengeOver
    with unit_of_work(appends=False) as unit:
        kept = take_challenge(unit, what=what, token=token)
        unit.commit()
    return base64url_to_bytes(kept)
