"""Work of content for later and by the clock."""

from .daily import expire_materials, tell_of_ending

SCHEDULES = {"content.expire_materials": "1 0 * * *"}

__all__ = ["SCHEDULES", "expire_materials", "tell_of_ending"]
