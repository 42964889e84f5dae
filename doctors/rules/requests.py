"""Figures of privacy requests and of the doctor's page, before a company sets its own. Pure."""

from __future__ import annotations

TARGET_WORKING_DAYS = 15  # of rule PI-07b
LAST_DAYS = 30
LINK_DAYS = 30
CODE_MINUTES = 10
MOST_WRONG_CODES = 5  # over all codes of a link, until a right one
