"""Signed notes, checkpoints of the log and witnesses' cosignatures, pure: C2SP signed-note, tlog-checkpoint, tlog-cosignature.

A note is text and the signatures under it. A checkpoint is a note of three lines: which log, how many entries, the root of
their tree. The log signs it with Ed25519 (0x01); a witness cosigns it with the time (0x04), and thereby says: this is the
longest tree of this log that I have seen, and it begins with every one that I saw before.

    commonpurse.example/log
    20852163
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — commonpurse.example/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.errors import CheckFailed, LedgerError
from ledger.tree import EMPTY_ROOT, HASH_SIZE

ED25519 = 0x01  # signs the note's text
COSIGNATURE = 0x04  # signs the time and the note's text

LONGEST = 1_000_000  # bytes of a note; the standard asks for a limit
MOST_SIGNATURES = 100
LARGEST_SIZE = 2**63  # a tree is smaller
_KEY_SIZE = 32
_ID_SIZE = 4
_SIGNATURE_SIZE = 64
_TIME_SIZE = 8
_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_HEX_ID = re.compile(r"[0-9a-f]{8}")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class KeyBroken(LedgerError):
    """This is not a key that can be used: {problem}. Copy the whole key again, in one line; nothing was recorded."""


class NoteBroken(CheckFailed):
    """This is not a signed note: {problem}. Fetch it again, whole; nothing was recorded."""


class CheckpointBroken(CheckFailed):
    """This is not a checkpoint of a log: {problem}. Fetch it again, whole; nothing was recorded."""


class SignatureWrong(CheckFailed):
    """The signature of “{name}” is not by the key of that name, or the text was changed afterwards. Do not rely on this text;
    nothing was recorded.
    """


class NotSigned(CheckFailed):
    """This checkpoint is not signed by “{name}” with the key you gave. It may be of another log or signed by another key: do
    not rely on it; nothing was recorded.
    """


class WrongOrigin(CheckFailed):
    """This checkpoint is of the log “{origin}”, and the key is of “{name}”. Use the key of that log; nothing was recorded."""


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding, as every format here writes it."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes | None:
    """The bytes, when this is how `encode_base64` writes them; nothing for any other way to write them."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if encode_base64(data) == text else None


def decimal(text: str) -> int | None:
    """The number below 2⁶³ that is written so, without leading zeros; nothing for any other way to write it."""
    number = int(text) if _DECIMAL.fullmatch(text) else LARGEST_SIZE
    return number if number < LARGEST_SIZE else None


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name) and not _CONTROL.search(name)


def _key_id(name: str, algorithm: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:_ID_SIZE]


def _check_key(name: str, algorithm: int, key: bytes) -> None:
    if not _is_name(name):
        raise KeyBroken(problem="its name is empty or has a space or a plus in it")
    if algorithm not in {ED25519, COSIGNATURE}:
        raise KeyBroken(problem=f"it is of the kind {algorithm}, and we know 1 (a log's) and 4 (a witness's)")
    if len(key) != _KEY_SIZE:
        raise KeyBroken(problem=f"it has {len(key)} bytes where 32 are needed")


def _key_parts(text: str) -> tuple[str, str, int, bytes]:
    """Name, hex id, algorithm and the key itself of `<name>+<hex id>+<base64(algorithm ‖ key)>`."""
    name, _, rest = text.partition("+")
    hex_id, _, encoded = rest.partition("+")
    data = decode_base64(encoded)
    if not _HEX_ID.fullmatch(hex_id) or not data:
        raise KeyBroken(problem="a key is a name, eight hexadecimal digits and base64, with a plus between them")
    _check_key(name, data[0], data[1:])
    return name, hex_id, data[0], data[1:]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name: what one needs to check a signature. `str(key)` is how it is published."""

    name: str
    algorithm: int
    public: bytes

    def __post_init__(self) -> None:
        """Raises KeyBroken."""
        _check_key(self.name, self.algorithm, self.public)

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """The key of `<name>+<hex id>+<base64(algorithm ‖ public key)>`. Raises KeyBroken."""
        name, hex_id, algorithm, public = _key_parts(text)
        if _key_id(name, algorithm, public).hex() != hex_id:
            raise KeyBroken(problem="its name, number and key do not belong together")
        return cls(name, algorithm, public)

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature line names this key by, beside its name."""
        return _key_id(self.name, self.algorithm, self.public)

    def __str__(self) -> str:
        """`<name>+<hex id>+<base64(algorithm ‖ public key)>`."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.algorithm]) + self.public)}"

    def made(self, signature: "Signature") -> bool:
        """Whether the signature claims to be by this key."""
        return (signature.name, signature.key_id) == (self.name, self.key_id)

    def signs(self, text: str, signature: bytes) -> bool:
        """Whether `signature`, a line's bytes without the key id, is by this key over the text."""
        time = signature[:_TIME_SIZE] if self.algorithm == COSIGNATURE else b""
        signed = signature[len(time) :]
        message = _cosigned(int.from_bytes(time), text) if time else text.encode()
        if len(signed) != _SIGNATURE_SIZE:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signed, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key with its name. `str()` and `repr()` do not show the secret; `text()` writes it, for a file of mode 0600."""

    name: str
    algorithm: int
    seed: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raises KeyBroken."""
        _check_key(self.name, self.algorithm, self.seed)

    @classmethod
    def generate(cls, name: str, algorithm: int = ED25519) -> "SigningKey":
        """A new key from the system's own source of randomness. Raises KeyBroken for a name that cannot be one."""
        return cls(name, algorithm, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "SigningKey":
        """The key of `PRIVATE+KEY+<name>+<hex id>+<base64(algorithm ‖ seed)>`. Raises KeyBroken."""
        start = "PRIVATE+KEY+"
        if not text.startswith(start):
            raise KeyBroken(problem="a private key begins with PRIVATE+KEY+")
        name, hex_id, algorithm, seed = _key_parts(text.removeprefix(start))
        key = cls(name, algorithm, seed)
        if key.verifier.key_id.hex() != hex_id:
            raise KeyBroken(problem="its name, number and key do not belong together")
        return key

    def text(self) -> str:
        """`PRIVATE+KEY+<name>+<hex id>+<base64(algorithm ‖ seed)>`: the secret itself."""
        secret = encode_base64(bytes([self.algorithm]) + self.seed)
        return f"PRIVATE+KEY+{self.name}+{self.verifier.key_id.hex()}+{secret}"

    def __str__(self) -> str:
        """Its name and number, without the secret."""
        return f"the private key {self.name}+{self.verifier.key_id.hex()}"

    @property
    def verifier(self) -> VerifierKey:
        """The public key that belongs to it."""
        public = Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()
        return VerifierKey(self.name, self.algorithm, public)

    def over(self, message: bytes) -> bytes:
        """The bare Ed25519 signature over these bytes."""
        return Ed25519PrivateKey.from_private_bytes(self.seed).sign(message)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature under a note. `signature` is what follows the key id: 64 bytes, or 8 of time and 64."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """The signature of `— <name> <base64(key id ‖ signature)>`, without the newline. Raises NoteBroken."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        data = decode_base64(encoded)
        if not line.startswith(_DASH) or not space or not _is_name(name) or not data or len(data) <= _ID_SIZE:
            raise NoteBroken(problem=f"“{line[:60]}” is not a signature line")
        return cls(name, data[:_ID_SIZE], data[_ID_SIZE:])

    def line(self) -> str:
        """`— <name> <base64(key id ‖ signature)>` and a newline."""
        return f"{_DASH}{self.name} {encode_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """Text, which ends in a newline, and the signatures under it, which nobody has checked yet."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def parse(cls, written: bytes | str) -> "Note":
        """The note that is written so, to the byte. Raises NoteBroken."""
        try:
            data = written.encode() if isinstance(written, str) else written
            note = data.decode()
        except UnicodeError as fault:
            raise NoteBroken(problem="it is not UTF-8 text") from fault
        if len(data) > LONGEST:
            raise NoteBroken(problem=f"it is longer than {LONGEST:,} bytes")
        if _CONTROL.search(note):
            raise NoteBroken(problem="it has a control character in it")
        text, empty_line, below = note.rpartition("\n\n")
        if not empty_line or not below.endswith("\n"):
            raise NoteBroken(problem="a note is text, an empty line and signature lines, each with its newline")
        lines = below[:-1].split("\n")
        if len(lines) > MOST_SIGNATURES:
            raise NoteBroken(problem=f"it has more than {MOST_SIGNATURES} signatures")
        return cls(text + "\n", tuple(Signature.parse(line) for line in lines))

    def __str__(self) -> str:
        """The text, an empty line and the signature lines."""
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}"

    def plus(self, *signatures: Signature) -> "Note":
        """The same note with these signatures under it too, each once."""
        return replace(self, signatures=tuple(dict.fromkeys((*self.signatures, *signatures))))


def verified(note: Note, *keys: VerifierKey) -> tuple[Signature, ...]:
    """The signatures under the note that these keys made; those of other keys are left out.

    Raises SignatureWrong when a line claims one of the keys and is not by it.
    """
    good = []
    for signature in note.signatures:
        for key in keys:
            if key.made(signature):
                if not key.signs(note.text, signature.signature):
                    raise SignatureWrong(name=key.name)
                good.append(signature)
                break
    return tuple(good)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How long the log was, and the root of the tree of its entries: all that its past is held to."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        """Raises CheckpointBroken."""
        if not _is_name(self.origin):
            raise CheckpointBroken(problem="its first line is not the name of a log")
        if not 0 <= self.size < LARGEST_SIZE:
            raise CheckpointBroken(problem="its second line is not a number of entries")
        if len(self.root) != HASH_SIZE:
            raise CheckpointBroken(problem="its third line is not a hash")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointBroken(problem="a log without entries has another root")

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """The checkpoint that is written so: three lines, no more. Raises CheckpointBroken."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:  # noqa: PLR2004 - three lines and what follows the last newline
            raise CheckpointBroken(problem="it has other than three lines")
        size, root = decimal(lines[1]), decode_base64(lines[2])
        if size is None:
            raise CheckpointBroken(problem="its second line is not a number of entries")
        return cls(lines[0], size, root or b"")

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"


def sign(checkpoint: Checkpoint, key: SigningKey) -> Note:
    """The checkpoint as the log publishes it. Raises WrongOrigin, KeyBroken for a key that is not this log's."""
    if key.name != checkpoint.origin:
        raise WrongOrigin(origin=checkpoint.origin, name=key.name)
    if key.algorithm != ED25519:
        raise KeyBroken(problem="it is a witness's key, and a log signs with a log's")
    text = checkpoint.text()
    return Note(text, (Signature(key.name, key.verifier.key_id, key.over(text.encode())),))


def open_checkpoint(note: Note, key: VerifierKey) -> Checkpoint:
    """What the log said, when it is the log of this key that said it.

    Raises NotSigned, SignatureWrong, WrongOrigin, CheckpointBroken.
    """
    if key.algorithm != ED25519:
        raise KeyBroken(problem="it is a witness's key, and a log signs with a log's")
    if not verified(note, key):
        raise NotSigned(name=key.name)
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != key.name:
        raise WrongOrigin(origin=checkpoint.origin, name=key.name)
    return checkpoint


def cosign(note: Note, key: SigningKey, at: datetime) -> Signature:
    """A witness's signature over the checkpoint and the time, in whole seconds. Raises KeyBroken, CheckpointBroken."""
    if at.tzinfo is None:
        raise ValueError("A cosignature needs a moment with its time zone.")
    if key.algorithm != COSIGNATURE:
        raise KeyBroken(problem="it is a log's key, and a witness signs with a witness's")
    Checkpoint.parse(note.text)
    time = int(at.timestamp())
    return Signature(key.name, key.verifier.key_id, time.to_bytes(_TIME_SIZE) + key.over(_cosigned(time, note.text)))


def cosigned_at(note: Note, key: VerifierKey) -> datetime | None:
    """When this witness last cosigned the checkpoint; nothing when it did not. Raises SignatureWrong, KeyBroken."""
    if key.algorithm != COSIGNATURE:
        raise KeyBroken(problem="it is a log's key, and a witness signs with a witness's")
    times = [int.from_bytes(signature.signature[:_TIME_SIZE]) for signature in verified(note, key)]
    if not times:
        return None
    try:
        return datetime.fromtimestamp(max(times), UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise NoteBroken(problem=f"the cosignature of “{key.name}” is of a time that no calendar has") from fault


def _cosigned(time: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()
