"""The container's health check: the live page, asked for under a host name that the application answers to."""

import os
import urllib.request

request = urllib.request.Request(
    "http://127.0.0.1:8000/healthz", headers={"Host": os.environ["ALLOWED_HOSTS"].split(",")[0].strip()}
)
urllib.request.urlopen(request, timeout=4).read()  # noqa: S310 - a fixed address of this container
