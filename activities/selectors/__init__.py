"""What is done: the app's public face for reads."""

from .events import Part, fees_of_year, parts_of_doctor, transfers_in_year
from .field_day import day_of, open_questions
from .needs import (
    answers_behind_the_wall,
    inquiries_of_doctor,
    inquiries_visible_to,
    needs_of_doctor,
    needs_visible_to,
    open_follow_ups,
)
from .own_data import OwnData, own_data
from .plans import Attainment, attainment_of, counted_visits, cycle_on, cycles
from .safety_vault import SafetyClock, open_clocks_of, reports_with_running_clocks, safety_reports_visible_to
from .transfers import Reported, reported_to
from .visits import (
    last_visit_at,
    materials_shown_to,
    note_of,
    quality_flags,
    visit_filters,
    visit_parts,
    visits_of_doctor,
    visits_visible_to,
)

__all__ = [
    "Attainment",
    "OwnData",
    "Part",
    "Reported",
    "SafetyClock",
    "answers_behind_the_wall",
    "attainment_of",
    "counted_visits",
    "cycle_on",
    "cycles",
    "day_of",
    "fees_of_year",
    "inquiries_of_doctor",
    "inquiries_visible_to",
    "last_visit_at",
    "materials_shown_to",
    "needs_of_doctor",
    "needs_visible_to",
    "note_of",
    "open_clocks_of",
    "open_follow_ups",
    "open_questions",
    "own_data",
    "parts_of_doctor",
    "quality_flags",
    "reported_to",
    "reports_with_running_clocks",
    "safety_reports_visible_to",
    "transfers_in_year",
    "visit_filters",
    "visit_parts",
    "visits_of_doctor",
    "visits_visible_to",
]
