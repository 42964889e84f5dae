"""A client of the REST door with a service account, as a drill uses it: every answer is kept with its status."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any
from uuid import uuid4

from pharmacrm.runtime.home import ROOT

MAKE_CLIENT = """
import django, json
django.setup()
from django.contrib.auth.models import Group
from django.utils import timezone
from pharmacrm.accounts.models import User
from pharmacrm.api import actions
person, made = User.objects.get_or_create(username="drill-loader", defaults={"email": "drill-loader@example.com"})
person.groups.set([Group.objects.get_or_create(name="service")[0]])
made = actions.create_client(name="drill", service_account=person, redirect_uris="", by=None, at=timezone.now())
print(json.dumps([made.client_id, made.client_secret]))
"""


class Warehouse:
    """Sends hospital files to one installation and follows what becomes of them."""

    def __init__(self, port: int, environment: dict[str, str], settings: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", MAKE_CLIENT],
            cwd=ROOT,
            env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        self.client_id, self.client_secret = json.loads(done.stdout.splitlines()[-1])
        self.base = f"http://127.0.0.1:{port}"
        self.headers: dict[str, str] = {}

    def sign_in(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": "read write",
        }
        status, body, _headers = self._send(
            "/o/token/",
            urllib.parse.urlencode(form).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )
        if status != 200:
            raise RuntimeError(f"no token: {status} {body}")
        self.headers = {"Authorization": f"Bearer {body['access_token']}"}

    def upload(self, name: str, hospitals: list[str], key: str = "") -> tuple[int, Any, str]:
        """Send a CSV, with a key of its own or the given one. Returns: status (0: no answer), the body, its media type."""
        text = "医院名称,医院等级\n" + "".join(f"{hospital},三甲\n" for hospital in hospitals)
        border = hashlib.sha256(text.encode()).hexdigest()  # the same bytes where the same file is sent again
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="kind"\r\n\r\nhospital\r\n',
            f'--{border}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n',
            f"Content-Type: text/csv\r\n\r\n{text}\r\n--{border}--\r\n",
        ]
        headers = {
            **self.headers,
            "Content-Type": f"multipart/form-data; boundary={border}",
            "Idempotency-Key": key or str(uuid4()),
        }
        status, body, told = self._send("/api/v1/imports/", "".join(parts).encode(), headers)
        return status, body, told.get("Content-Type", "")

    def post(self, path: str, body: dict[str, Any], key: str | None = None) -> tuple[int, Any]:
        headers = {**self.headers, "Content-Type": "application/json"}
        if key != "":
            headers["Idempotency-Key"] = key or str(uuid4())
        status, answer, _told = self._send(path, json.dumps(body).encode(), headers)
        return status, answer

    def get(self, path: str) -> tuple[int, Any]:
        status, answer, _told = self._send(path, None, self.headers)
        return status, answer

    def checked(self, name: str, hospitals: list[str]) -> str:
        """Take a file as far as its check. Returns: the import's id."""
        status, job, _kind = self.upload(name, hospitals)
        if status != 201:
            raise RuntimeError(f"upload: {status} {job}")
        address = f"/api/v1/imports/{job['id']}/"
        status, answer = self.post(f"{address}columns/", {"mapping": job["mapping"]})
        if status != 202:
            raise RuntimeError(f"columns: {status} {answer}")
        self.wait_for(job["id"], {"checked"})
        return str(job["id"])

    def wait_for(self, job: str, states: set[str], seconds: float = 120) -> str:
        deadline = time.monotonic() + seconds
        state = ""
        while time.monotonic() < deadline:
            status, body = self.get(f"/api/v1/imports/{job}/")
            state = body.get("state", "") if status == 200 else f"answer {status}"
            if state in states:
                return state
            time.sleep(0.2)
        raise RuntimeError(f"the import is {state} after {seconds:.0f} s, not {states}")

    def _send(self, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[int, Any, Any]:
        request = urllib.request.Request(self.base + path, data=data, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null"), answer.headers
        except urllib.error.HTTPError as refused:
            text = refused.read().decode(errors="replace")
            is_json = "json" in refused.headers.get("Content-Type", "")
            return refused.code, json.loads(text) if is_json else text, refused.headers
        except (OSError, ValueError) as nothing:
            return 0, repr(nothing), {}
