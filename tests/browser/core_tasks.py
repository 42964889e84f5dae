"""The twelve tasks that have to be done with the keyboard alone, each by the person whose work it is."""

from __future__ import annotations

from django.utils import timezone

from activities.models import SafetyReport, Visit
from compliance.actions.demo import demo_secret
from compliance.actions.signing import code_at
from compliance.models import ApprovalStep, Hold
from content.models import Annotation, Claim
from pharmacrm.accounts.models import User
from pharmacrm.runtime.demo.people import PASSWORD
from tests.browser.keyboard import Keys


def sign_in_with_two_factors(keys: Keys) -> None:
    keys.page.goto("/accounts/login/")
    keys.write("[name=login]", "medical")
    keys.write("[name=password]", PASSWORD)
    keys.press("Enter")
    keys.page.wait_for_url("**/2fa/authenticate/**")
    keys.write("[name=code]", code_at(demo_secret("medical"), timezone.now()))
    keys.press("Enter")
    keys.page.wait_for_url(lambda address: "/accounts/" not in address)


def choose_the_other_language(keys: Keys) -> None:
    keys.page.goto("/people/")
    keys.follow("button.lang")
    assert keys.page.locator("html").get_attribute("lang") == "en"


def find_a_doctor(keys: Keys) -> None:
    keys.page.goto("/doctors/")
    name = keys.page.locator(".tb tbody a").first.inner_text()
    keys.press("Control+k")
    keys.page.keyboard.type(name)
    with keys.page.expect_navigation():
        keys.press("Enter")
    keys.follow(".tb tbody a")
    assert name in keys.page.locator("h1").inner_text()


def narrow_a_list_and_open_a_row(keys: Keys) -> None:
    keys.page.goto("/activities/visits/")
    keys.to("[name=state]")
    with keys.page.expect_navigation():
        keys.press("ArrowDown")
    assert "state=" in keys.page.url
    keys.page.goto("/activities/visits/?state=submitted")
    keys.follow(".tb tbody a")
    assert "/activities/visits/" in keys.page.url


def log_a_visit(keys: Keys) -> None:
    before = Visit.objects.filter(state="submitted").count()
    keys.page.goto(f"/field/doctors/{_own_doctor()}/log/")
    keys.page.wait_for_selector("[data-ready]")
    keys.to("[name=topics]")
    keys.press("Space")
    keys.to("[name=ae_answer]")
    keys.press("Space")
    keys.to(".pact .btn-primary")
    keys.press("Enter")
    keys.page.wait_for_url(lambda address: "/log/" not in address)
    for _ in range(100):
        if Visit.objects.filter(state="submitted").count() > before:
            return
        keys.page.wait_for_timeout(100)
    raise AssertionError("the visit did not arrive")


def report_an_adverse_event(keys: Keys) -> None:
    before = SafetyReport.objects.count()
    keys.page.goto("/field/")
    keys.follow(".report-ae")
    keys.page.wait_for_selector("[data-ready]")
    keys.write("[name=event]", "服药后头晕")
    keys.write("[name=product]", "舒泽安")
    keys.to(".pact .btn-primary")
    keys.press("Enter")
    keys.page.wait_for_url(lambda address: not address.rstrip("/").endswith("/field/safety"))
    for _ in range(100):
        if SafetyReport.objects.count() > before:
            return
        keys.page.wait_for_timeout(100)
    raise AssertionError("the report did not arrive")


def write_a_claim(keys: Keys) -> None:
    keys.page.goto("/content/claims/new/")
    keys.to("[name=product_id]")
    keys.press("ArrowDown")
    keys.write("[name=text_zh]", "每日一次，不受进食影响。")
    keys.follow("main form .btn-primary")
    assert Claim.objects.filter(text_zh="每日一次，不受进食影响。").exists()


def remark_on_a_material(keys: Keys) -> None:
    keys.page.goto("/content/reviews/")
    keys.follow(".tb tbody a")
    if "/review/" not in keys.page.url:
        keys.follow("a[href*='/review/']")
    keys.write("[data-remark] [name=text]", "请写明研究终点。")
    keys.follow("[data-remark] .btn")
    assert Annotation.objects.filter(text="请写明研究终点。").exists()


def agree_to_a_request(keys: Keys) -> None:
    open_before = ApprovalStep.objects.filter(approver__username="compliance", state="open").count()
    keys.page.goto("/compliance/inbox/")
    keys.follow("tr[data-flow='activities.event'] a.btn")
    keys.follow("button[value=agree]")
    after = ApprovalStep.objects.filter(approver__username="compliance", state="open").count()
    assert after == open_before - 1


def write_into_a_case(keys: Keys) -> None:
    keys.page.goto("/compliance/cases/")
    keys.follow(".tb tbody a")
    keys.to("details:has(form[action$='/comment/']) > summary")
    keys.press("Enter")
    keys.write("form[action$='/comment/'] textarea", "已电话核实。")
    keys.follow("form[action$='/comment/'] .btn")
    assert keys.page.get_by_text("已电话核实。").count() == 1


def stop_a_doctor(keys: Keys) -> None:
    keys.page.goto("/compliance/holds/")
    keys.write("#place [name=subjects]", f"doctor:{_own_doctor()}")
    keys.write("#place [name=reason]", "医生要求停止联系")
    keys.follow("#place .btn-stop")
    keys.write("#place [name=confirm]", keys.page.locator("#place ul b").first.inner_text())
    keys.follow("#place .btn-stop")
    assert Hold.objects.filter(reason="医生要求停止联系").exists()


def add_a_person(keys: Keys) -> None:
    keys.page.goto("/people/new/")
    keys.write("[name=username]", "keys")
    keys.write("[name=display_name]", "键小盘")
    keys.write("[name=email]", "keys@hengyu.example")
    keys.to("[name=roles]")
    keys.press("Space")
    keys.follow("main form .btn-primary")
    assert User.objects.filter(username="keys").exists()


def _own_doctor() -> str:
    """Return a doctor of the first representative, in a hospital the demonstration has visited."""
    rep = User.objects.get(username="rep")
    visit = Visit.objects.filter(rep=rep, state="submitted").order_by("pk").first()
    return str(visit.doctor_id)


TASKS = (
    (sign_in_with_two_factors, ""), (choose_the_other_language, "admin"), (find_a_doctor, "steward"),
    (narrow_a_list_and_open_a_row, "manager"), (log_a_visit, "rep"), (report_an_adverse_event, "rep"),
    (write_a_claim, "marketing"), (remark_on_a_material, "regulatory"), (agree_to_a_request, "compliance"),
    (write_into_a_case, "compliance"), (stop_a_doctor, "compliance"), (add_a_person, "admin"),
)  # fmt: skip
