"""Every component in every state, in light and dark: for those who build pages, and for the tests that look at them."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compliance.choices import Grade
from compliance.evaluate import Refusal, Source, Verdict
from compliance.selectors.standing import ErasedWords, Standing
from pharmacrm.common.ids import uuid7
from pharmacrm.common.listing import FilterForm, Page
from pharmacrm.common.models import Job
from pharmacrm.common.templatetags.look import STATES


def styleguide(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or settings.DEMO or request.user.is_staff):
        raise Http404
    return render(request, "styleguide.html", {"themes": [_samples("light"), _samples("dark")]})


class SampleForm(forms.Form):
    """One field of each kind, so that the page shows what `{{ form }}` makes of it."""

    text = forms.CharField(
        label=gettext_lazy("Name"), help_text=gettext_lazy("It stands in the ledger with your name.")
    )
    choice = forms.ChoiceField(label=gettext_lazy("Role"), choices=[("a", "A"), ("b", "B")])
    day = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    note = forms.CharField(
        label=gettext_lazy("Reason"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    several = forms.MultipleChoiceField(
        label=gettext_lazy("Roles"), choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple
    )
    one = forms.ChoiceField(
        label=gettext_lazy("State"), choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )
    agreed = forms.BooleanField(label=gettext_lazy("Confirm"))
    file = forms.FileField(label=gettext_lazy("Label"), required=False)


class SampleFilter(FilterForm):
    q = forms.CharField(label=gettext_lazy("Name"))
    state = forms.ChoiceField(label=gettext_lazy("State"), choices=[("", gettext_lazy("all")), ("a", "A")])
    own = forms.BooleanField(label=gettext_lazy("Active"))


def _samples(theme: str) -> dict[str, object]:
    return {
        "name": theme,
        "grades": [grade.value for grade in Grade],
        "states": sorted(STATES),
        "tiers": [
            ("core", _("Core expert")),
            ("potential", _("Potential doctor")),
            ("basic", _("Basic doctor")),
            ("", _("Not profiled")),
        ],
        "signature": SimpleNamespace(
            printed_name="何若水",
            job_title=_("Medical"),
            meaning="approved",
            signed_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
            time_zone="Asia/Shanghai",
            content_sha256="a3f1" * 16,
        ),
        "standings": [Standing("valid"), Standing("erased", _erased()), Standing("changed")],
        "erased": _erased(),
        "held": [SimpleNamespace(hold_id=uuid7(), reason=_("The figures differ from the label in force"))],
        "verdict": _verdict(),
        "form": SampleForm(auto_id=f"{theme}_%s"),
        "wrong": SampleForm({"text": ""}, auto_id=f"{theme}_wrong_%s"),
        "filter": SampleFilter({}, auto_id=f"{theme}_filter_%s"),
        "pages": Page([1, 2, 3], first_url="?", next_url="?after=x", total=31),
        "uncounted": Page([1]),
        "jobs": [
            Job(pk=uuid7(), title=_("Imports"), state="running", done=40, total=100, stage="2/3"),
            Job(pk=uuid7(), title=_("Imports"), state="done", done=100, total=100),
            Job(pk=uuid7(), title=_("Imports"), state="failed", error=_("Something failed on our side")),
        ],
        "bars": [
            {
                "label": "三级",
                "total": 1240,
                "stretches": [
                    {
                        "kind": "core",
                        "label": "核心",
                        "start": "0",
                        "width": "12",
                        "count": 149,
                        "share": "12%",
                    },
                    {
                        "kind": "potential",
                        "label": "潜力",
                        "start": "12",
                        "width": "30",
                        "count": 372,
                        "share": "30%",
                    },
                    {
                        "kind": "basic",
                        "label": "基础",
                        "start": "42",
                        "width": "58",
                        "count": 719,
                        "share": "58%",
                    },
                ],
            }
        ],
        "entries": [
            SimpleNamespace(act=_("Visit"), detail="18 min", meta="#1,204,574", url="", is_shown=True),
            SimpleNamespace(act=_("Consent"), detail="", meta="14 s", url="#", is_shown=False),
        ],
        "facts": [(_("Label"), "sha256 7c1e…a94f"), (_("Person"), "周正")],
    }


def _erased() -> ErasedWords:
    return ErasedWords(uuid7(), 1204, datetime(2026, 11, 21, 9, 30, tzinfo=UTC), "PR-2026-00007")


def _verdict() -> Verdict:
    law = Source("RDPAC 行业行为准则 (2022)", "第7条", "2023-04-01", "V-S")
    unread = Source("", "", "2023-04-01", "M")
    refusals = tuple(
        Refusal(
            rule=rule,
            grade=grade,
            message={"zh": zh, "en": en},
            instead={
                "zh": "降低标准，或在提交前申请例外。",
                "en": "Choose a lower menu, or ask for a waiver before you submit.",
            },
            sources=(source,),
            instead_url=url,
            waivable=waivable,
        )
        for rule, grade, zh, en, source, url, waivable in [
            (
                "AD-09",
                Grade.BAN,
                "不能展示此资料：说明书未批准心衰适应症",
                "This cannot be shown: heart failure is not an approved indication",
                law,
                "#",
                False,
            ),
            (
                "RD-01",
                Grade.AVOID,
                "人均 342 元，超过 300 元",
                "CNY 342 per head, limit CNY 300",
                law,
                "",
                True,
            ),
            (
                "SG-01",
                Grade.WATCH,
                "同一医生 30 天 5 次拜访",
                "Five visits to one doctor in 30 days",
                unread,
                "",
                False,
            ),
            ("MR-06", Grade.SHALL, "先完成产品培训", "Finish the product training first", law, "#", False),
            (
                "AD-19",
                Grade.ADVISE,
                "建议定期复审资料",
                "Review the material from time to time",
                law,
                "",
                False,
            ),
            ("AD-20", Grade.MAY, "可以提供文献全文", "The full paper may be offered", law, "", False),
        ]
    )
    return Verdict(id=str(uuid7()), point="sample", kind="before", subject="", pack="1", refusals=refusals)
