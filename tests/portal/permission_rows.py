"""The doctor's own page knows no account: whoever holds the link sees what stands before the code, and no more."""

from datetime import timedelta

from django.utils import timezone

from doctors.models import DoctorLink
from doctors.selectors import token_of
from tests.architecture.permission_rows import Row
from tests.factories.doctors import make_doctor


def open_link(_user):
    link = DoctorLink.objects.create(doctor=make_doctor(), valid_until=timezone.now() + timedelta(days=1))
    return {"token": token_of(link)}


ROWS = [
    Row("portal:page", kwargs=open_link, anonymous=200, others=200),
    Row("portal:page", "post", kwargs=open_link, data={"act": "withdraw"}, anonymous=404, others=404),
    Row("portal:page", kwargs={"token": "nonsense"}, anonymous=404, others=404),
    Row("portal:copy", kwargs=open_link, anonymous=302, others=302),
    Row("portal:explanation-file", kwargs=open_link, anonymous=302, others=302),
    Row("portal:moved", kwargs=open_link, anonymous=302, others=302),
    Row("portal:moved-copy", kwargs=open_link, anonymous=302, others=302),
    Row("portal:moved-contest", kwargs=open_link, anonymous=302, others=302),
]
