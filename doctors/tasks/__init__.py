"""Work of this app that runs by itself or later."""

from . import duplicates, segmentation, territories

SCHEDULES = {**duplicates.SCHEDULES, **segmentation.SCHEDULES, **territories.SCHEDULES}
