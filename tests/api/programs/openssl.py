"""openssl as docs/api.md uses it: `rand -hex N`, `rand -base64 N`, `dgst -sha256 -binary`, `base64 -A`."""

import base64
import hashlib
import secrets
import sys

LINE = 48  # bytes that openssl puts on one line of 64 characters


def answer(arguments: list[str], given: bytes) -> bytes:
    """Return what openssl writes. Raises: ValueError for an option that the guide does not use."""
    match arguments:
        case ["rand", "-hex", size]:
            return f"{secrets.token_hex(int(size))}\n".encode()
        case ["rand", "-base64", size]:
            body = secrets.token_bytes(int(size))
            return b"".join(
                base64.b64encode(body[start : start + LINE]) + b"\n" for start in range(0, len(body), LINE)
            )
        case ["dgst", "-sha256", "-binary"]:
            return hashlib.sha256(given).digest()
        case ["base64", "-A"]:
            return base64.b64encode(given)
    raise ValueError(arguments)


if __name__ == "__main__":
    asked = sys.argv[1:]
    sys.stdout.buffer.write(answer(asked, b"" if asked[0] == "rand" else sys.stdin.buffer.read()))
