"""Checkpoints as signed notes. Source: C2SP signed-note and tlog-checkpoint, v1.0.0."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"
COSIGNATURE = b"\x04"  # a witness' signature with its time: C2SP tlog-cosignature, cosignature/v1


class NoteRefused(ValueError):
    """The note is malformed, or no signature of the expected key fits."""


@dataclass(frozen=True)
class Stated:
    """What a checkpoint states."""

    origin: str
    size: int
    root: bytes


def sign_checkpoint(stated: Stated, seed: bytes) -> str:
    """Return the signed note of a checkpoint; `seed` is the 32-byte Ed25519 private key."""
    text = f"{stated.origin}\n{stated.size}\n{b64encode(stated.root).decode()}\n"
    return sign_note(text, stated.origin, seed)


def sign_note(text: str, name: str, seed: bytes) -> str:
    """Return a text with the signature of a key called `name`."""
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signature = key_id(name, public_of(seed)) + key.sign(text.encode())
    return f"{text}\n— {name} {b64encode(signature).decode()}\n"


def open_checkpoint(note: str, verifier_key: str) -> Stated:
    """Return what a note states, after checking its signature. Raises: NoteRefused."""
    name, _plus, rest = verifier_key.partition("+")
    known_id, _plus, encoded = rest.partition("+")
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise NoteRefused("The note has no signature.")
    try:
        public = b64decode(encoded, validate=True)[1:]
        origin, size, root, *_extensions = (text + "\n").split("\n")
        for line in signatures.splitlines():
            dash, signer, encoded_signature = line.split(" ")
            blob = b64decode(encoded_signature, validate=True)
            if dash == "—" and signer == name and blob[:4].hex() == known_id:
                Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], (text + "\n").encode())
                if key_id(name, public).hex() != known_id or str(int(size)) != size:
                    raise NoteRefused("The key or the size is malformed.")
                return Stated(origin, int(size), b64decode(root, validate=True))
    except (ValueError, InvalidSignature) as error:
        raise NoteRefused("The note is malformed or was changed.") from error
    raise NoteRefused("The note was not signed by this key.")


def public_of(seed: bytes) -> bytes:
    """Return the public key of a private one."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def cosign(note: str, name: str, seed: bytes, at: int) -> str:
    """Return a note with a witness' signature added, which states when it was seen (seconds since 1970)."""
    text = note[: note.rindex("\n\n") + 1]
    key = Ed25519PrivateKey.from_private_bytes(seed)
    signed = key.sign(f"cosignature/v1\ntime {at}\n{text}".encode())
    blob = key_id(name, public_of(seed), COSIGNATURE) + at.to_bytes(8, "big") + signed
    return f"{note}— {name} {b64encode(blob).decode()}\n"


def cosigned_at(note: str, witness_key: str) -> int:
    """Return when the witness of this key saw the checkpoint. Raises: NoteRefused."""
    name, _plus, rest = witness_key.strip().partition("+")
    known_id, _plus, encoded = rest.partition("+")
    text, _empty, signatures = note.rpartition("\n\n")
    try:
        public = b64decode(encoded, validate=True)[1:]
        for line in signatures.splitlines():
            _dash, signer, encoded_signature = line.split(" ")
            blob = b64decode(encoded_signature, validate=True)
            if signer == name and blob[:4].hex() == known_id:
                at = int.from_bytes(blob[4:12], "big")
                said = f"cosignature/v1\ntime {at}\n{text}\n"
                Ed25519PublicKey.from_public_bytes(public).verify(blob[12:], said.encode())
                return at
    except (ValueError, InvalidSignature) as error:
        raise NoteRefused("The witness' signature does not fit.") from error
    raise NoteRefused("The note was not signed by this witness.")


def key_id(name: str, public: bytes, kind: bytes = ED25519) -> bytes:
    """Return the four bytes that name a key in a note."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public).digest()[:4]


def verifier_key(name: str, public: bytes, kind: bytes = ED25519) -> str:
    """Return the key in the form that others' tools read: name+id+base64."""
    return f"{name}+{key_id(name, public, kind).hex()}+{b64encode(kind + public).decode()}"
