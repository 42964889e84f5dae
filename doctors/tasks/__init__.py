"""Work of this app that runs by itself or later."""

from . import duplicates, privacy, segmentation, territories

SCHEDULES = {
    **duplicates.SCHEDULES,
    **privacy.SCHEDULES,
    **segmentation.SCHEDULES,
    **territories.SCHEDULES,
}
