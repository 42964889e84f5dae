"""Field encryption: AES-256-GCM with a key id, and keyed hashes for look-ups. Keys live outside the database."""

from __future__ import annotations

import hashlib
import hmac
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class KeyDestroyed(LookupError):
    """The key of this value was destroyed on purpose: the value is gone."""


@lru_cache(maxsize=8)
def installation_key(name: str) -> bytes:
    """Return the installation's 32-byte key `name`, made on first use in KEYS_DIR with mode 0600."""
    folder = Path(settings.KEYS_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{name}.key"
    if not path.exists():
        _write_once(path, os.urandom(32).hex())
    key = bytes.fromhex(path.read_text().strip())
    if len(key) != 32:
        raise ValueError(f"{path} is damaged: bring it back from a backup, a new key opens nothing old.")
    return key


def present_key(name: str) -> bytes:
    """Return the installation's key `name` as it stands on disk now: for a key that may be changed while programs run."""
    installation_key.cache_clear()
    return installation_key(name)


def retire_key(name: str, *, mark: str) -> bytes:
    """Put a fresh key in the place of `name` and keep the old one beside it. Returns: the new key."""
    path = Path(settings.KEYS_DIR) / f"{name}.key"
    os.link(path, path.with_name(f"{name}.{mark}.retired"))
    fresh = path.with_suffix(".fresh")
    _write_once(fresh, os.urandom(32).hex())
    fresh.replace(path)
    return present_key(name)


def _write_once(path: Path, text: str) -> None:
    """Put the whole file there or leave another's: nobody may read a half-written key."""
    descriptor, fresh = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        return
    finally:
        os.unlink(fresh)


def seal(plain: bytes, *, key: bytes, context: bytes = b"") -> bytes:
    """Encrypt: 12-byte nonce, then ciphertext with tag, bound to `context`. Source: NIST SP 800-38D."""
    nonce = os.urandom(12)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(sealed: bytes, *, key: bytes, context: bytes = b"") -> bytes:
    """Decrypt what `seal` made. Raises: cryptography.exceptions.InvalidTag on any change."""
    return AESGCM(key).decrypt(bytes(sealed[:12]), bytes(sealed[12:]), context)


def new_wrapped_key() -> bytes:
    """Return a fresh 32-byte data key, wrapped by the installation's key; keep it beside the person it serves."""
    return seal(os.urandom(32), key=installation_key("fields"), context=b"data-key")


def unwrap_key(wrapped: bytes | None) -> bytes:
    """Return the data key. Raises: KeyDestroyed when it is gone."""
    if not wrapped:
        raise KeyDestroyed
    return unseal(wrapped, key=installation_key("fields"), context=b"data-key")


def blind_index(value: str, *, purpose: str) -> str:
    """Return a keyed hash for exact look-ups without keeping the value: HMAC-SHA-256, 32 hex digits."""
    mac = hmac.new(installation_key("blind-index"), f"{purpose}\x1f{value}".encode(), hashlib.sha256)
    return mac.hexdigest()[:32]
