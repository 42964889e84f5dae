"""N5: one key, many requests, and a server that dies with it. N6: an import whose worker is killed while it writes."""

from __future__ import annotations

import random
import threading
import time
from contextlib import suppress
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


def import_kills() -> dict[str, Figure]:
    """The worker is killed at a chance moment of each import; a reader who looks all the time sees nothing or all."""
    points, rows = (100, 200) if FULL else (6, 100)
    chance = random.Random(6)
    with installation() as (running, services):
        client = Warehouse(running.port, services.owner_environment(), SETTINGS)
        client.sign_in()
        halves, wrong, slowest, hits = 0, 0, 0.0, 0
        for point in range(points):
            names = [f"演练{point}第{n}医院" for n in range(rows)]
            job = client.checked(f"kill-{point}.csv", names)
            query = f"SELECT count(*) FROM doctors_hospital WHERE name LIKE '演练{point}第%'"
            client.post(f"/api/v1/imports/{job}/commit/", {"only_good": True})
            time.sleep(chance.random() * 0.6)
            hits += count(services, query) == 0
            worker = running.children().get("worker", 0)
            for pid in [*running.below(worker), worker] if point % 2 else running.below(worker):
                kill(pid)
            began = time.monotonic()
            seen = 0
            while seen != rows and time.monotonic() - began < 120:
                seen = count(services, query)
                halves += seen not in {0, rows}
                time.sleep(0.1)
            client.wait_for(job, {"committed"})
            slowest = max(slowest, time.monotonic() - began)
            wrong += count(services, query) != rows
        status, _answer = client.post(f"/api/v1/imports/{job}/undo/", {})
        with suppress(RuntimeError):
            client.wait_for(job, {"undone"}, 60)
        left = count(services, query)
    return {
        "looks that saw a part of an import": Figure(
            halves,
            "looks",
            points,
            holds=halves == 0 and hits > 0,
            note=f"{hits} killed before the rows stood",
        ),
        "imports not whole or doubled in the end": Figure(wrong, "imports", points, holds=wrong == 0),
        "slowest import, its worker killed": Figure(slowest, "s", points),
        "rows left after undo": Figure(left, "rows", 1, holds=left == 0 and status == 202),
    }


DRILLS = [
    Measure("N5", "idempotency keys", idempotency_keys),
    Measure("N6", "imports whose worker is killed", import_kills),
]
