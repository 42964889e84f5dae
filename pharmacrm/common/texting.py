"""Text messages through a gateway that a company names; without one there is no such channel and nobody pretends."""

from __future__ import annotations

import json
import sys
import time
from http.client import HTTPException
from pathlib import Path
from typing import Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from django.conf import settings

SECONDS = 10


class TextNotSent(OSError):
    """The gateway did not take the message; it may be tried again."""


class Gateway(Protocol):
    """What stands between the product and a provider of text messages."""

    def send(self, number: str, text: str) -> None:
        """Hand one message over. Raises: TextNotSent."""


class HttpGateway:
    """A provider's address that takes JSON. The body is the company's template with {number} and {text} in it."""

    def send(self, number: str, text: str) -> None:
        body = _filled(json.loads(settings.SMS_GATEWAY_BODY), number, text)
        request = Request(  # noqa: S310 - the settings refuse an address that is not https
            settings.SMS_GATEWAY_URL,
            data=json.dumps(body, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json", "Authorization": settings.SMS_GATEWAY_AUTH},
            method="POST",
        )
        try:
            with urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
                answer.read(1)
        except (URLError, HTTPException, TimeoutError) as error:
            if isinstance(error, HTTPError):
                error.close()
            # SECURITY: the error of a gateway may repeat the number; only its kind is kept.
            raise TextNotSent(f"The gateway did not take the message ({type(error).__name__}).") from None


class FileGateway:
    """Writes each message into a folder, as the file backend of Django does with mail: for demonstration and trials."""

    def send(self, number: str, text: str) -> None:
        folder = Path(settings.SMS_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{time.time_ns()}.txt").write_text(f"{number}\n{text}\n", encoding="utf-8")


class ConsoleGateway:
    """Writes each message to the console."""

    def send(self, number: str, text: str) -> None:
        sys.stdout.write(f"SMS {number}: {text}\n")


class MemoryGateway:
    """Keeps each message in a list, for tests."""

    def send(self, number: str, text: str) -> None:
        kept.append((number, text))


kept: list[tuple[str, str]] = []
GATEWAYS: dict[str, type[Gateway]] = {
    "http": HttpGateway,
    "file": FileGateway,
    "console": ConsoleGateway,
    "memory": MemoryGateway,
}


def can_text() -> bool:
    """Return whether this installation has a gateway for text messages."""
    return settings.SMS_GATEWAY in GATEWAYS


def send_text(number: str, text: str) -> None:
    """Send one text message now. Raises: TextNotSent, also where there is no gateway.

    No transaction may be open: this waits for the network.
    """
    if not can_text():
        raise TextNotSent("No gateway for text messages is named.")
    GATEWAYS[settings.SMS_GATEWAY]().send(number, text)


def _filled(value: object, number: str, text: str) -> object:
    if isinstance(value, dict):
        return {name: _filled(one, number, text) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, number, text) for one in value]
    if isinstance(value, str):
        return value.replace("{number}", number).replace("{text}", text)
    return value
