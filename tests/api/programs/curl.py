"""curl as docs/api.md uses it: one address with `-s`, `-f`, `-H`, `-d` and `-F` (a field, or a file as `name=@path`)."""

import getopt
import http.client
import mimetypes
import secrets
import sys
from pathlib import Path
from urllib.parse import urlsplit

FAULT = 400
FAILED = 22  # as curl ends with -f


def body_of(options: list[tuple[str, str]]) -> tuple[bytes | None, str]:
    """Return the body that the options give and its media type; nothing for a request without one."""
    data = [value for name, value in options if name == "-d"]
    parts = [value.partition("=") for name, value in options if name == "-F"]
    if data:
        return "&".join(data).encode(), "application/x-www-form-urlencoded"
    if parts:
        edge = secrets.token_hex(16)
        body = b"".join(_part(edge, name, value) for name, _is, value in parts)
        return body + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"
    return None, ""


def _part(edge: str, name: str, value: str) -> bytes:
    head, content = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"', value.encode()
    if value.startswith("@"):
        path = Path(value[1:])
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        head, content = f'{head}; filename="{path.name}"\r\nContent-Type: {kind}', path.read_bytes()
    return f"{head}\r\n\r\n".encode() + content + b"\r\n"


def ask(arguments: list[str]) -> tuple[int, bytes]:
    """Send one request. Return what curl ends with, and what it writes. Raises: getopt.GetoptError, ValueError."""
    options, [address] = _read(arguments)
    body, kind = body_of(options)
    headers = {"Accept": "*/*", **({"Content-Type": kind} if kind else {})}
    given = [value.partition(":") for name, value in options if name == "-H"]
    headers |= {name: value.strip() for name, _colon, value in given}
    to = urlsplit(address)
    connection = http.client.HTTPConnection(to.hostname or "", to.port)
    path = to.path + (f"?{to.query}" if to.query else "")
    connection.request("GET" if body is None else "POST", path, body, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status >= FAULT and ("-f", "") in options:
        return FAILED, b""
    return 0, said


def _read(arguments: list[str]) -> tuple[list[tuple[str, str]], list[str]]:
    return getopt.gnu_getopt(arguments, "sfH:d:F:")


if __name__ == "__main__":
    code, written = ask(sys.argv[1:])
    sys.stdout.buffer.write(written)
    sys.exit(code)
