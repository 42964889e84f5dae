"""A real installation's settings leave nothing open: Django's own check, and what a browser is told on each answer."""

import json
import os
import subprocess
import sys

import pytest

from pharmacrm.runtime.home import ROOT

pytestmark = pytest.mark.xdist_group("as installed")

ASK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
told = {}
for path, secure in (("/healthz", True), ("/nowhere/", True), ("/static/nowhere.js", True), ("/nowhere/", False)):
    answer = Client().get(path, secure=secure, headers={"host": "crm.example.com"})
    told[f"{path} {'https' if secure else 'http'}"] = {"status": answer.status_code, **answer.headers}
cookies = {
    name: [getattr(settings, f"{kind}_COOKIE_{name}") for kind in ("SESSION", "CSRF")]
    for name in ("NAME", "SECURE", "SAMESITE", "DOMAIN", "PATH")
}
print(json.dumps({"answers": told, "cookies": cookies}))
"""


def _as_installed(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "DJANGO_SETTINGS_MODULE": "pharmacrm.settings.prod",
            "SECRET_KEY": "k3v-Qm9_" * 8,
            "ALLOWED_HOSTS": "crm.example.com",
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "REDIS_URL": "redis://127.0.0.1:1/0",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def told():
    done = _as_installed("-c", ASK)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_the_deployment_check_has_nothing_to_say():
    done = _as_installed("manage.py", "check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_every_answer_carries_what_keeps_a_browser_safe(told):
    for name, answer in told["answers"].items():
        if name.endswith("https"):
            assert answer["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload", name
            assert answer["X-Content-Type-Options"] == "nosniff", name
            assert answer["X-Frame-Options"] == "DENY", name
            assert answer["Referrer-Policy"] == "same-origin", name
            assert answer["Cross-Origin-Opener-Policy"] == "same-origin", name
            assert answer["Cross-Origin-Resource-Policy"] == "same-origin", name
            assert "Access-Control-Allow-Origin" not in answer, name


def test_the_content_policy_allows_nothing_by_default_and_nothing_unsafe(told):
    for name, answer in told["answers"].items():
        if name.endswith("https"):
            policy = dict(part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";"))
            assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'", name
            assert policy["frame-ancestors"] == "'none'", name
            assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'", name
            assert "unsafe" not in answer["Content-Security-Policy"], name


def test_a_page_asked_for_without_tls_leads_to_the_one_with_it(told):
    answer = told["answers"]["/nowhere/ http"]

    assert (answer["status"], answer["Location"]) == (301, "https://crm.example.com/nowhere/")


def test_cookies_are_bound_to_this_host_and_to_tls(told):
    assert told["cookies"] == {
        "NAME": ["__Host-sessionid", "__Host-csrftoken"],
        "SECURE": [True, True],
        "SAMESITE": ["Lax", "Lax"],
        "DOMAIN": [None, None],
        "PATH": ["/", "/"],
    }
