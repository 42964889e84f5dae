"""Every page of the product, in both languages, on a desk and on a phone, in light and dark.

Over the demonstration each page of the URL table is opened once in a language: in Chinese at 1440 pixels in light
colours, in English at 360 pixels in dark ones, and narrowed or widened for what depends on the width only.
"""

from http import HTTPStatus

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test.testcases import LiveServerThread
from django.utils import timezone, translation

from compliance.actions.sealing import seal
from compliance.models import Course
from pharmacrm.accounts.models import User
from pharmacrm.common.models import Notification
from pharmacrm.runtime.demo import desk, oversight
from tests.browser import desk_tasks, looking, walking
from tests.browser.answers import answers_to_nothing
from tests.browser.conftest import ARGUMENTS, CHROMIUM, sign_in
from tests.browser.core_tasks import TASKS
from tests.browser.keyboard import Keys
from tests.browser.language import Data, data_of, foreign, words_of
from tests.conftest import AT

pytestmark = pytest.mark.browser

EVERY_TASK = (*TASKS, *desk_tasks.TASKS)
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
# Words of the demonstration that the database keeps sealed only.
SEALED = ("服药第 5 天出现皮疹", "舒泽安 5 mg", "主治医师", "说明", *words_of(oversight), *words_of(desk))
# An address that leads nowhere answers so, and the browser says it.
NO_PAGE = {"/nowhere/": 404}
SHOWS_CODE = {"styleguide"}  # for those who build it: the names of its parts are their names in the code


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker, playwright_driver):
    """The demonstration as `make run` has it after its first minute, served, with all pages there are."""
    assert connection.settings_dict["NAME"].startswith("test_"), (
        "run the whole module: a test of it asks for the database"
    )
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.DEMO", True)
        patch.setattr(
            "pharmacrm.common.outbox.wake", lambda message_id: None
        )  # the seed works its queue off itself
        translation.activate("zh-hans")
        call_command("adopt_rulebook", verbosity=0)
        call_command("seed_demo", "--small", verbosity=0)
        at = timezone.now()
        with transaction.atomic():
            seal(at=at, sign_now=True, anchor=False)
        found = walking.pages(at)
        server = LiveServerThread("localhost", StaticFilesHandler)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        yield f"http://localhost:{server.port}", found
        server.terminate()
        call_command("flush", verbosity=0, interactive=False)
        connections.close_all()


@pytest.fixture(scope="module")
def chromium(playwright_driver):
    browser = playwright_driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
    yield browser
    browser.close()


def test_every_page_is_walked_and_no_link_leads_nowhere(demonstration):
    _live, found = demonstration

    assert found.missing == []
    assert found.broken == []
    assert len(found.pages) > 100


@pytest.mark.parametrize(("language", "scheme"), [("zh", "light"), ("en", "dark")])
def test_no_page_shuts_anybody_out_or_speaks_in_tongues(demonstration, chromium, language, scheme):
    live, found = demonstration
    data = data_of(language, SEALED)
    wrong = []
    for who in sorted({page.who for page in found.pages.values()}):
        context = chromium.new_context(
            locale={"zh": "zh-CN", "en": "en"}[language], color_scheme=scheme, base_url=live
        )
        if who:
            sign_in(context, live, User.objects.get(username=who))
        tab, said = context.new_page(), []
        tab.on("pageerror", lambda error, said=said: said.append(f"script: {error}"))
        tab.on("console", lambda line, said=said: said.append(_faults_of(line)))
        for page in found.pages.values():
            if page.who == who:
                wrong += [f"{page.name} ({who}): {one}" for one in _look(tab, page, language, data)]
                wrong += [f"{page.name} ({who}): {one}" for one in said if one]
                said.clear()
        context.close()

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_form_is_answered_in_the_language_of_its_page(demonstration, language):
    _live, found = demonstration
    data, wrong, sent = data_of(language, SEALED), [], 0
    for action, status, texts in answers_to_nothing(found, {"zh": "zh-hans", "en": "en"}[language]):
        sent += 1
        wrong += [f"{action}: {status}"] if status >= HTTPStatus.INTERNAL_SERVER_ERROR else []
        wrong += [f"{action}: not {language}: {text[:120]}" for text in foreign(texts, language, data)]

    assert sent > 80
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("task", "who"), EVERY_TASK, ids=[task.__name__ for task, _who in EVERY_TASK])
def test_a_core_task_is_done_with_the_keyboard_alone(demonstration, chromium, task, who):
    live, _found = demonstration
    size = PHONE if who == "rep" else DESK
    context = chromium.new_context(locale="zh-CN", viewport=size, base_url=live)
    if who:
        sign_in(context, live, User.objects.get(username=who))
    keys = Keys(context.new_page())

    task(keys)
    context.close()

    assert not keys.lost, "\n".join(keys.lost)


def test_the_detector_sees_what_is_in_the_wrong_language():
    zh = Data("zh", ["M-0001 Lin H; He R. Demo Journal", "SZA", "舒泽安"])
    en = Data("en", ["舒泽安", "浙江省立同德医院", "心内科", "请补各层样本量"])

    assert foreign(["保存", "M-0001 已放行", "SZA v2", "Lin H; He R", "导出 Excel", "2 型"], "zh", zh) == []
    assert foreign(["sha256 face b37d … 6eb7 ecbc", "sha256 deed…dead"], "zh", zh) == []
    assert foreign(["Save", "状态 in_review", "job:018f", "Lin H saved"], "zh", zh) == [
        "Save", "状态 in_review", "job:018f", "Lin H saved",
    ]  # fmt: skip
    assert foreign(["Saved 舒泽安", "浙江省立同德医院心内科", "“心内科”"], "en", en) == []
    assert foreign(["保存", "3 项", "舒泽安，已放行", "心内"], "en", en) == [
        "保存",
        "3 项",
        "舒泽安，已放行",
        "心内",
    ]


def test_keys_and_the_other_language_of_a_text_are_no_data(db):
    Notification.objects.create(
        recipient=User.objects.create(username="lin_l", display_name="林岚"), kind="review_called", url="/content/",
        text={"zh-hans": "请审核", "en": "Please review"}, subject="review_seat:018f", created_at=AT,
    )  # fmt: skip
    Course.objects.create(code="SZA", title_zh="产品知识", title_en="Knowledge of products")
    zh, en = data_of("zh"), data_of("en")

    assert foreign(["lin_l", "SZA"], "zh", zh) == []
    assert foreign(["review_called", "review_seat:018f", "Please review", "Knowledge of products"], "zh", zh) == [
        "review_called", "review_seat:018f", "Please review", "Knowledge of products",
    ]  # fmt: skip
    assert foreign(["林岚"], "en", en) == []
    assert foreign(["请审核", "产品知识"], "en", en) == ["请审核", "产品知识"]


def _look(tab, page, language, data):
    """Open a page and return everything that is wrong with it."""
    wide, narrow = (DESK, PHONE) if language == "zh" else (PHONE, DESK)
    tab.set_viewport_size(wide)
    answer = tab.goto(page.again() if page.again else page.address)
    wrong = [] if answer.status == NO_PAGE.get(page.address, 200) else [f"answers {answer.status}"]
    wrong += tab.evaluate(looking.TOO_WIDE)
    tab.evaluate(looking.AXE)
    wrong += tab.evaluate(looking.RUN_AXE)
    texts = [] if page.name in SHOWS_CODE else tab.evaluate(looking.TEXTS)
    wrong += [f"not {language}: {text[:120]}" for text in foreign(texts, language, data)]
    wrong += tab.evaluate(looking.TOO_SMALL) if wide is PHONE else []
    tab.set_viewport_size(narrow)
    wrong += tab.evaluate(looking.TOO_WIDE)
    return wrong + (tab.evaluate(looking.TOO_SMALL) if narrow is PHONE else [])


def _faults_of(line):
    """Return what the console complains of, but for the address that is meant to lead nowhere."""
    if line.type != "error" or line.location.get("url", "").endswith(tuple(NO_PAGE)):
        return ""
    return f"console: {line.text} {line.location.get('url', '')}"
