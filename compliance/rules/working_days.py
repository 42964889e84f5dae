"""Working days in mainland China: Monday to Friday, less public holidays, and the weekend days worked in their place.

Source: State Council notice 国办发明电〔2025〕7号, holidays of 2026. A year without a notice here counts Monday to Friday.
"""

from __future__ import annotations

from datetime import date, timedelta

ONE_DAY = timedelta(days=1)


def _days(first: date, last: date) -> frozenset[date]:
    return frozenset(first + ONE_DAY * number for number in range((last - first).days + 1))


HOLIDAYS = (
    _days(date(2026, 1, 1), date(2026, 1, 3))  # 元旦
    | _days(date(2026, 2, 15), date(2026, 2, 23))  # 春节
    | _days(date(2026, 4, 4), date(2026, 4, 6))  # 清明节
    | _days(date(2026, 5, 1), date(2026, 5, 5))  # 劳动节
    | _days(date(2026, 6, 19), date(2026, 6, 21))  # 端午节
    | _days(date(2026, 9, 25), date(2026, 9, 27))  # 中秋节
    | _days(date(2026, 10, 1), date(2026, 10, 7))  # 国庆节
)
WORKED_WEEKENDS = frozenset(
    {
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
        date(2026, 10, 10),
    }
)  # fmt: skip


def is_working_day(day: date) -> bool:
    """Return whether offices work on a day."""
    return day in WORKED_WEEKENDS or (day.isoweekday() <= 5 and day not in HOLIDAYS)


def working_day_after(day: date, days: int) -> date:
    """Return the n-th working day after a day."""
    while days > 0:
        day += ONE_DAY
        days -= is_working_day(day)
    return day


def working_days_between(start: date, end: date) -> int:
    """Return how many working days lie after a day, up to and with another."""
    return sum(is_working_day(start + ONE_DAY * number) for number in range(1, (end - start).days + 1))
