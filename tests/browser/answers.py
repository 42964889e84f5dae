"""What the product says to a form that was sent empty: every form of every page, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from django.db import transaction
from django.test import Client
from lxml import html

from pharmacrm.accounts.models import User
from tests.browser.walking import Found, client_of

# Forms that end the session they are sent in, or change the language the rest is asked in.
LEFT_OUT = ("/accounts/logout/", "/people/language/", "/people/me/")
NOT_READ = "self::script or self::style or self::template or self::code or self::pre or self::kbd"


def answers_to_nothing(found: Found, language: str) -> Iterator[tuple[str, int, list[str]]]:
    """Send each form of each page empty. Returns: its address, the status, the texts of the answer."""
    asked: set[str] = set()
    for page in found.pages.values():
        if not page.who or page.again or page.name == "styleguide":
            continue
        client = client_of(User.objects.get(username=page.who), language)
        for action in _forms(client, page.address):
            shape = f"{page.who} {page.name} {urlsplit(action).path.rstrip('/').split('/')[-1]}"
            if shape in asked or urlsplit(action).path in LEFT_OUT:
                continue
            asked.add(shape)
            with transaction.atomic():
                answer = client.post(action)
                transaction.set_rollback(True)
            answer.close()
            is_page = answer.headers.get("Content-Type", "").startswith("text/html")
            yield (
                action,
                answer.status_code,
                _texts(answer.content) if is_page and not answer.streaming else [],
            )


def _forms(client: Client, address: str) -> list[str]:
    answer = client.get(address)
    answer.close()
    if answer.status_code != HTTPStatus.OK or answer.streaming:
        return []
    forms = html.fromstring(answer.content.decode()).xpath(
        "//form[translate(@method, 'POST', 'post')='post']"
    )
    return [urljoin(address, form.get("action") or address) for form in forms]


def _texts(content: bytes) -> list[str]:
    if not content.strip():
        return []
    tree = html.fromstring(content.decode())
    own = tree.get("lang")
    read = tree.xpath(f"//body//text()[not(ancestor::*[{NOT_READ}])]")
    return [
        " ".join(text.split())
        for text in read
        if text.strip()
        and (text.getparent().xpath("ancestor-or-self::*[@lang][1]/@lang") or [own])[-1] in {own, None}
    ]
