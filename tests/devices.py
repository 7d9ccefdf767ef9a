"""A device with a passkey, as far as a site can see it: it signs in earnest, and can be made to sign what it should not."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

_PRESENT, _VERIFIED, _NEW = 0x01, 0x04, 0x40


@dataclass
class Device:
    """Someone's phone. `verifies` is whether it asks for a finger; `counts` is how often it has signed."""

    key_id: bytes = b"a phone's passkey"
    origin: str = "http://localhost"
    host: str = "localhost"
    verifies: bool = True
    counts: int = 0
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make a passkey as the site asked for it."""
        point = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        made = bytes(16) + len(self.key_id).to_bytes(2, "big") + self.key_id + cbor2.dumps(public)
        written = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": self._data(_NEW) + made})
        given = {"clientDataJSON": self._client("webauthn.create", options), "attestationObject": written}
        return self._answer(given)

    def sign(self, options: dict[str, Any], **changes: str) -> dict[str, Any]:
        """Sign in as the site asked for it."""
        data, client = self._data(), self._client("webauthn.get", {**options, **changes})
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _data(self, flags: int = 0) -> bytes:
        self.counts += 1 if self.counts else 0
        told = flags | _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([told]) + self.counts.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, given: dict[str, bytes]) -> dict[str, Any]:
        known = bytes_to_base64url(self.key_id)
        response = {name: bytes_to_base64url(value) for name, value in given.items()}
        return {"id": known, "rawId": known, "type": "public-key", "response": response, "clientExtensionResults": {}}
