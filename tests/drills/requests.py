"""N5: one key, many requests, and a server that dies with it."""

from __future__ import annotations

import threading
import time
from uuid import uuid4

from bench.measure import Figure, Measure

from .servers import FULL, SETTINGS, count, installation, kill
from .warehouse import Warehouse

AT_ONCE = 50


def idempotency_keys() -> dict[str, Figure]:
    """Fifty send one request at once; then the web server is killed in the middle of it and asked again."""
    rounds = 20 if FULL else 3
    with installation() as (running, services):
        client = Warehouse(running.port, services.owner_environment(), SETTINGS)
        client.sign_in()
        doubled, wrong, longest = 0, [], 0.0
        for turn in range(rounds):
            job = client.checked(f"keys-{turn}.csv", [f"演练键{turn}第{n}医院" for n in range(20)])
            address, key = f"/api/v1/imports/{job}/commit/", str(uuid4())
            statuses = _at_once(client, address, key, running if turn % 2 else None)
            began = time.monotonic()
            while (again := client.post(address, {"only_good": True}, key))[0] in {0, 409, 503}:
                if time.monotonic() - began > 90:
                    break
                time.sleep(0.2)
            longest = max(longest, time.monotonic() - began)
            client.wait_for(job, {"committed"})
            other = client.post(address, {"only_good": False}, key)[0]
            missing = client.post(address, {"only_good": True}, "")[0]
            allowed = {202, 409} if turn % 2 == 0 else {0, 202, 409, 503}
            if set(statuses) - allowed or again[0] != 202 or (other, missing) != (422, 400):
                wrong.append(f"{sorted(set(statuses))} {again[0]} {other} {missing}")
            asked = count(
                services,
                f"SELECT count(*) FROM common_idempotencykey WHERE key = '{key}'",
            )
            written = count(
                services, f"SELECT count(*) FROM doctors_hospital WHERE name LIKE '演练键{turn}第%'"
            )
            doubled += (asked != 1) + (written != 20)
    return {
        "effects missing or doubled, fifty requests a key": Figure(
            doubled, "effects", rounds * AT_ONCE, holds=not doubled
        ),
        "answers other than 202, 409, then 422 and 400": Figure(
            len(wrong), "rounds", rounds, holds=not wrong, note="; ".join(wrong[:2])
        ),
        "longest time a key stays locked, web server killed too": Figure(
            longest, "s", rounds, holds=longest <= 60
        ),
    }


def _at_once(client: Warehouse, address: str, key: str, killed: object) -> list[int]:
    statuses: list[int] = []
    gate = threading.Barrier(AT_ONCE)

    def ask() -> None:
        gate.wait(timeout=60)
        statuses.append(client.post(address, {"only_good": True}, key)[0])

    threads = [threading.Thread(target=ask) for _one in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    if killed is not None:
        time.sleep(0.05)
        for pid in killed.below(killed.children()["granian"]):
            kill(pid)
    for thread in threads:
        thread.join()
    return statuses


DRILLS = [
    Measure("N5", "idempotency keys", idempotency_keys),
]
