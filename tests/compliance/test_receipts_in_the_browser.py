"""The browser's verifier agrees with the stand-alone one: on true receipts, and on every damaged one."""

import json
import random
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from compliance.actions.sealing import seal
from compliance.log.notes import public_of, verifier_key
from compliance.models import LedgerEntry
from compliance.selectors.log import published_key, receipt_of
from compliance.verify import verify as program
from tests.compliance.attacks import write_record
from tests.compliance.phone import node
from tests.conftest import AT

pytestmark = pytest.mark.django_db
SCRIPT = Path(__file__).parent.parent.parent / "static" / "js" / "receipts.js"
RUN = """
import { verifyReceipt } from "%s";
import { readFileSync } from "node:fs";
const said = [];
for (const [text, key] of JSON.parse(readFileSync(0, "utf8"))) {
  try { await verifyReceipt(JSON.parse(text), key); said.push(true); } catch { said.push(false); }
}
console.log(JSON.stringify(said));
"""


def _in_node(cases):
    answer = subprocess.run(
        [node(), "--input-type=module", "-e", RUN % SCRIPT.as_uri()],
        input=json.dumps(cases), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(answer.stdout)


def _by_python(text, key):
    try:
        program.verify_receipt(json.loads(text), key, set())
    except Exception:  # noqa: BLE001 - whatever is malformed is refused
        return False
    return True


@pytest.fixture
def receipts(officer, reviewer):
    reviewer.groups.set(officer.groups.all())
    write_record(officer, reviewer, acts=12)
    rows = [{"model": "test.row", "pk": str(n), "history_id": n, "sha256": f"{n:064x}"} for n in range(150)]
    LedgerEntry.objects.create(event="test.many", subject="x:1", at=AT, reason="说明书更新", rows=rows)
    seal(at=AT + timedelta(days=2), sign_now=True, anchor=False)
    return [json.dumps(receipt_of(entry), ensure_ascii=False) for entry in LedgerEntry.objects.all()]


def test_both_verifiers_agree_on_true_and_on_damaged_receipts(receipts):
    chance, key = random.Random(5), published_key()
    cases = [(text, key) for text in receipts]
    cases += [
        (receipts[0], verifier_key("pharmacrm/ledger", public_of(bytes(32)))),
        (receipts[0], key[:-2]),
        (receipts[0], ""),
    ]
    for _one in range(120):
        text = chance.choice(receipts)
        place = chance.randrange(len(text))
        cases.append((text[:place] + chance.choice("0123456789abcABC+/甲") + text[place + 1 :], key))

    said = _in_node(cases)

    assert said[: len(receipts)] == [True] * len(receipts)
    assert said == [_by_python(text, key) for text, key in cases]
    assert said.count(False) > 60


def test_every_signature_is_listed_with_the_receipt_of_its_act(receipts, officer, client):
    client.force_login(officer)

    page = client.get(reverse("compliance:signature-list"))

    assert len(page.context["rows"]) == 4
    for row in page.context["rows"]:
        assert row["is_untouched"]
        got = client.get(reverse("compliance:receipt", args=[row["act"]["entry"]]))
        receipt = json.loads(got.content)
        assert any(str(row["signature"].pk) in text for text in receipt["records"])
        assert _by_python(got.content.decode(), published_key())


def test_the_page_of_the_check_has_no_inline_script(rep, client):
    client.force_login(rep)

    page = client.get(reverse("compliance:receipt-check")).content.decode()

    assert published_key() in page.replace("&#x2B;", "+")
    assert "js/receipts" in page
