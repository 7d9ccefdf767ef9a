"""Work accounts: an authority's own sign-in vouches for its staff (OpenID Connect, the code flow with PKCE).

Who it is follows from the issuer and its lasting name for the person, and from nothing else it says. The two are tied when an
invitation is accepted with the account, and then only if the issuer has verified that the invited address is the account's.
Nothing is asked of any address but those of the settings. What was asked waits in the browser's signed cookie, for ten minutes.
"""

import hmac
import logging
import secrets
import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from flask import current_app, session, url_for
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.addressing import site_address
from app.settings import LOOPBACK, Issuer
from ledger.credentials.mailboxes import BadAddress, read_address
from ledger.errors import LedgerError

SETTING = "ISSUER"
_ASKED = "work"  # its name in the signed cookie
_LASTS = 600  # seconds
_PATIENCE = 10.0  # seconds for each answer of the issuer
_LEEWAY = 60  # seconds that the two clocks may differ
_SIGNED_WITH = ["RS256", "PS256", "ES256"]  # never “none”, and nothing for which our own secret is the key
_LONGEST_SUBJECT = 255
_LOGGER = logging.getLogger("commonpurse.work_accounts")


class AccountRefused(LedgerError):
    """Your work account could not be checked. Begin again, or sign in in another way; you are not signed in."""


class AccountUnknown(LedgerError):
    """Nobody here has this work account. Ask the registrar for an invitation, and accept it with the account;
    you are not signed in.
    """


class OtherAccount(LedgerError):
    """This invitation went to another address than the one of this work account. Accept it by email, or ask the registrar
    for one to your work address; nothing was changed.
    """


@dataclass(frozen=True, slots=True)
class Account:
    """A work account as its issuer vouches for it. `address` only where the issuer has verified it."""

    issuer: str
    subject: str
    address: str | None


def issuer() -> Issuer | None:
    """The issuer of this site's settings, if there is one."""
    return cast("Issuer | None", current_app.config[SETTING])


def begin(invitation: str | None) -> str:
    """Where the browser goes to sign in with a work account, to accept this invitation or none. Raises AccountRefused."""
    known = _known()
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        with _client(known) as client:
            there = _endpoint(_discovered(known), "authorization_endpoint")
            address, _ = client.create_authorization_url(there, state=state, nonce=nonce, code_verifier=verifier)
    except (requests.RequestException, AuthlibBaseError, ValueError) as fault:
        raise _refused(fault) from fault
    session[_ASKED] = {"state": state, "nonce": nonce, "verifier": verifier, "invitation": invitation, "at": int(time.time())}
    return str(address)


def finish(*, code: str, state: str) -> tuple[Account, str | None]:
    """The account that the issuer vouches for, and the invitation it was to accept. Asked once. Raises AccountRefused."""
    asked, known = session.pop(_ASKED, None), _known()
    if not isinstance(asked, dict) or asked["at"] + _LASTS < time.time() or not hmac.compare_digest(asked["state"], state):
        raise AccountRefused
    try:
        about = _discovered(known)
        with _client(known) as client:
            given = client.fetch_token(
                _endpoint(about, "token_endpoint"), code=code, code_verifier=asked["verifier"], timeout=_PATIENCE
            )
        claims = _claims(known, given.get("id_token"), KeySet.import_key_set(_got(_endpoint(about, "jwks_uri"))))
        _require(known, claims, nonce=asked["nonce"])
    except (requests.RequestException, AuthlibBaseError, JoseError, ValueError, KeyError, TypeError) as fault:
        raise _refused(fault) from fault
    return Account(known.address, claims["sub"], _address(claims)), asked["invitation"]


def require_same_address(account: Account, invited: str) -> None:
    """An invitation is for its address, also where a work account accepts it. Raises OtherAccount."""
    if account.address != invited:
        raise OtherAccount


def _known() -> Issuer:
    known = issuer()
    if known is None:
        raise AccountRefused
    return known


def _client(known: Issuer) -> Any:  # noqa: ANN401 - Authlib publishes no types
    return OAuth2Session(
        client_id=known.client_id,
        client_secret=known.client_secret,
        scope="openid email",
        redirect_uri=site_address() + url_for("work.back"),
        code_challenge_method="S256",
        default_timeout=_PATIENCE,
    )


def _discovered(known: Issuer) -> dict[str, Any]:
    about: dict[str, Any] = _got(f"{known.address.rstrip('/')}/.well-known/openid-configuration")
    if about.get("issuer") != known.address:
        raise ValueError("the issuer calls itself by another name")
    return about


def _got(address: str) -> Any:  # noqa: ANN401 - JSON
    answer = requests.get(address, timeout=_PATIENCE, allow_redirects=False)
    answer.raise_for_status()
    return answer.json()


def _endpoint(about: dict[str, Any], name: str) -> str:
    address = str(about[name])
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise ValueError("the issuer names an address without https")
    return address


def _claims(known: Issuer, token: object, keys: KeySet) -> dict[str, Any]:
    """What a token says whose signature is the issuer's, and which is for us and of now."""
    if not isinstance(token, str):
        raise TypeError("there is no token")
    claims = jwt.decode(token, keys, algorithms=_SIGNED_WITH).claims
    jwt.JWTClaimsRegistry(
        leeway=_LEEWAY,
        iss={"essential": True, "value": known.address},
        aud={"essential": True, "value": known.client_id},
        exp={"essential": True},
        iat={"essential": True},
        sub={"essential": True},
    ).validate(claims)
    return claims


def _require(known: Issuer, claims: dict[str, Any], *, nonce: str) -> None:
    """It answers what this browser asked, and was given to nobody else."""
    if not hmac.compare_digest(str(claims.get("nonce", "")), nonce):
        raise ValueError("it answers another question")
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else known.client_id) != known.client_id:
        raise ValueError("it was given to somebody else")
    if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= _LONGEST_SUBJECT:
        raise ValueError("it names nobody")


def _address(claims: dict[str, Any]) -> str | None:
    if claims.get("email_verified") is not True:
        return None
    try:
        return read_address(str(claims.get("email", "")))
    except BadAddress:
        return None


def _refused(fault: Exception) -> AccountRefused:
    # No words of the issuer: they may hold a code or a token.
    _LOGGER.error("a work account was refused: %s", type(fault).__name__)
    return AccountRefused()
