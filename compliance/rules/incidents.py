"""The notices of a personal-data incident, with every content that PIPL 57 asks for, in Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Notice:
    """What is known of an incident."""

    number: str
    kind: str
    data_kinds: tuple[str, ...]
    persons: int
    is_estimate: bool
    occurred_at: datetime | None
    detected_at: datetime
    cause: str
    harm: str
    measures: str
    advice: str
    contact: str


def authority_notice(about: Notice) -> tuple[str, str]:
    """Return title and text of the notice to the authority. Source: PIPL 57 (1)–(3)."""
    count = f"约 {about.persons}" if about.is_estimate else str(about.persons)
    text = [
        f"事件编号：{about.number}",
        f"一、涉及的信息种类：{'、'.join(about.data_kinds)}；涉及人数：{count} 人。",
        f"二、原因与经过：{about.cause}（发生时间：{_moment(about.occurred_at)}；发现时间：{_moment(about.detected_at)}）",
        f"三、可能造成的危害：{about.harm}",
        f"四、已采取的补救措施：{about.measures or '正在采取，随后补报。'}",
        f"五、个人可以采取的减轻危害的措施：{about.advice or '随后补报。'}",
        f"六、联系方式：{about.contact}",
    ]
    return f"个人信息安全事件报告（{about.kind}，{about.number}）", "\n\n".join(text)


def person_notice(about: Notice) -> tuple[str, str]:
    """Return title and text of the notice to a person. Source: PIPL 57 (1)–(3)."""
    text = [
        "您好：",
        f"我们发现涉及您的个人信息发生{about.kind}（发现时间：{_moment(about.detected_at)}）。",
        f"一、涉及的信息种类：{'、'.join(about.data_kinds)}。",
        f"二、原因：{about.cause}",
        f"三、可能造成的危害：{about.harm}",
        f"四、我们已采取的措施：{about.measures or '正在采取，随后告知。'}",
        f"五、您可以采取的措施：{about.advice or '随后告知。'}",
        f"六、如有疑问请联系：{about.contact}",
        "对此给您带来的影响，我们深表歉意。",
    ]
    return f"关于您个人信息的告知（{about.number}）", "\n\n".join(text)


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(BEIJING):%Y年%m月%d日 %H:%M}" if moment else "尚在核实"
