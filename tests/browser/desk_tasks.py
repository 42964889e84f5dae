"""What officers and stewards do at their desks, with the keyboard alone."""

from __future__ import annotations

from compliance.models import InspectorPack, Parameter, TrailReviewItem
from doctors.models import ChangeRequest, DoctorList, PrivacyRequest
from tests.browser.keyboard import Keys


def draft_a_figure(keys: Keys) -> None:
    keys.page.goto("/compliance/rules/CP-06/")
    keys.follow("a[href='/compliance/parameters/CP-06/reveals/']")
    keys.write("[name=value]", "25")
    keys.write("[name=reason]", "年度评估")
    keys.follow("main form .btn-primary")
    assert Parameter.objects.filter(rule="CP-06", value=25).exists()


def mark_a_drawn_act(keys: Keys) -> None:
    marked = TrailReviewItem.objects.exclude(mark="none").count()
    keys.page.goto("/compliance/ledger/reviews/")
    keys.follow(".tb tbody a")
    keys.follow("main td form .btn")
    assert TrailReviewItem.objects.exclude(mark="none").count() == marked + 1


def ask_for_a_pack(keys: Keys) -> None:
    keys.page.goto("/compliance/ledger/packs/")
    keys.to("[name=kind]")
    keys.press("End")
    for name in ("since", "until"):
        keys.to(f"[name={name}]")
        keys.page.keyboard.type("11202026")
    keys.write("[name=reason]", "年度检查")
    keys.follow("main form .btn-primary")
    assert InspectorPack.objects.filter(reason="年度检查").exists()


def keep_a_list(keys: Keys) -> None:
    keys.page.goto("/doctors/lists/")
    keys.write("[name=name]", "十二月待访")
    keys.follow("main form .btn-primary")
    assert DoctorList.objects.filter(name="十二月待访").exists()


def hand_in_a_privacy_request(keys: Keys) -> None:
    keys.page.goto("/doctors/")
    keys.follow(".tb tbody a")
    keys.follow("a[href$='/links/']")
    keys.follow("a[href$='/requests/new/']")
    keys.to("[name=kind]")
    keys.press("ArrowDown")
    keys.to("[name=source]")
    keys.write("[name=words]", "请告知你们保存了什么")
    before = PrivacyRequest.objects.count()
    keys.follow("main form .btn-primary")
    assert PrivacyRequest.objects.count() == before + 1


def decide_a_correction(keys: Keys) -> None:
    waiting = ChangeRequest.objects.filter(state="open").count()
    keys.page.goto("/doctors/changes/")
    keys.write("form [name=answer]", "与医院官网一致")
    keys.follow("form button[value=yes]")
    assert ChangeRequest.objects.filter(state="open").count() == waiting - 1


TASKS = (
    (draft_a_figure, "compliance"), (mark_a_drawn_act, "compliance"), (ask_for_a_pack, "inspector"),
    (keep_a_list, "steward"), (hand_in_a_privacy_request, "steward"),
    (decide_a_correction, "steward"),
)  # fmt: skip
