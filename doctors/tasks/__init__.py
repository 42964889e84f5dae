"""Work of this app that runs by itself or later."""

from . import segmentation, territories

SCHEDULES = {**segmentation.SCHEDULES, **territories.SCHEDULES}
