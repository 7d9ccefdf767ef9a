"""A small real issuer of work accounts on this machine (OpenID Connect), which can be made to say what it should not."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT, SECRET = "commonpurse", "a secret of thirty-two characters"


class Work(ThreadingHTTPServer):
    """Marlmoor's own sign-in. `claims` changes what a token says; `signs` how it is signed; `about` what it says of itself."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.account: dict[str, Any] = {"sub": "7", "email": "ruth@marlmoor.example", "email_verified": True}
        self.claims: dict[str, Any] = {}
        self.about: dict[str, Any] = {}
        self.signs = "RS256"
        self.codes: dict[str, dict[str, str]] = {}

    def let_in(self, asked: str) -> str:
        """Someone signs in at the address where our site sent them; returns where their browser is sent back, as path."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(asked).query).items()}
        assert given["client_id"] == CLIENT
        assert (given["response_type"], given["code_challenge_method"]) == ("code", "S256")
        assert "openid" in given["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = given
        back = urlsplit(given["redirect_uri"])
        assert (back.scheme, back.netloc) == ("http", "localhost")
        return f"{back.path}?{urlencode({'code': code, 'state': given['state']})}"

    def token(self, given: dict[str, str]) -> dict[str, Any] | None:
        """What the code is worth, once, to whoever has its verifier."""
        asked = self.codes.pop(given.get("code", ""), None)
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != given.get("redirect_uri"):
            return None
        now = int(time.time())
        said = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **self.account}
        said = {name: value for name, value in {**said, **self.claims}.items() if value is not None}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(said)}

    def _signed(self, said: dict[str, Any]) -> str:
        if self.signs == "none":
            parts = ({"alg": "none"}, said)
            return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."
        if self.signs == "HS256":  # with what everybody knows as the key
            return jwt.encode({"alg": "HS256"}, said, OctKey.import_key(self.key.as_pem(private=False)), algorithms=["HS256"])
        key = self.key if self.signs == "RS256" else RSAKey.generate_key(2048, {"kid": "one"})
        return jwt.encode({"alg": "RS256", "kid": "one"}, said, key)


class _Desk(BaseHTTPRequestHandler):
    server: Work

    def do_GET(self) -> None:
        issuer = self.server
        pages: dict[str, Any] = {
            "/.well-known/openid-configuration": {
                "issuer": issuer.address,
                "authorization_endpoint": f"{issuer.address}/authorize",
                "token_endpoint": f"{issuer.address}/token",
                "jwks_uri": f"{issuer.address}/keys",
                **issuer.about,
            },
            "/keys": {"keys": [issuer.key.as_dict(private=False)]},
        }
        self._say(pages.get(self.path))

    def do_POST(self) -> None:
        given = self.rfile.read(int(self.headers["Content-Length"])).decode()
        who = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        known = self.headers.get("Authorization") == f"Basic {who}"
        self._say(self.server.token({name: values[0] for name, values in parse_qs(given).items()}) if known else None)

    def _say(self, what: object) -> None:
        body = json.dumps(what or {"error": "invalid_grant"}).encode()
        self.send_response(200 if what else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is noted."""


@contextmanager
def work_accounts() -> Iterator[Work]:
    """The issuer, for as long as the block lasts."""
    with Work() as issuer:
        thread = Thread(target=issuer.serve_forever, daemon=True)
        thread.start()
        try:
            yield issuer
        finally:
            issuer.shutdown()
            thread.join(timeout=20)
