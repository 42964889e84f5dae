"""The code shown at an event, read as a camera reads it: the address in it is the one that signs in."""

import re

import pytest
import time_machine
import zxingcpp
from django.urls import reverse
from lxml import etree
from PIL import Image, ImageDraw

from activities.models import Attendance, Event
from activities.selectors.events import home_territory_id
from doctors import actions as doctors
from pharmacrm.accounts.choices import Role
from tests.conftest import AT

STROKE = re.compile(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?")


def drawn(svg: bytes, scale: int = 6) -> Image.Image:
    """Draw the picture: one path of horizontal strokes a module high, as its own markup says."""
    root = etree.fromstring(svg)
    (path,) = root.findall(".//{http://www.w3.org/2000/svg}path[@stroke]")
    side = int(root.get("width")) // int(re.search(r"scale\((\d+)\)", path.get("transform"))[1])
    picture = Image.new("L", (side * scale, side * scale), 255)
    pen, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    for order, first, second in STROKE.findall(path.get("d")):
        if order == "h":
            box = (x * scale, (y - 0.5) * scale, (x + float(first)) * scale - 1, (y + 0.5) * scale - 1)
            pen.rectangle(box, fill=0)
            x += float(first)
        elif order == "M":
            x, y = float(first), float(second)
        else:
            x, y = x + float(first), y + float(second)
    return picture


def running_event(rep, doctor, code, title):
    return Event.objects.create(
        code=code, kind="salon", title=title, organiser=rep, hospital=doctor.hospital, state="running",
        territory_id=home_territory_id(rep, AT.date()), starts_at=AT, ends_at=AT.replace(hour=8), approved_at=AT,
        approved_terms="x",
    )  # fmt: skip


def picture_on(client, event):
    """The organiser's screen, and the picture on it."""
    screen = client.get(reverse("activities:event-code", args=[event.pk])).content.decode()
    return screen, client.get(re.search(r'<img src="(/[^"]+)"', screen[screen.index("event-code") :])[1])


@pytest.mark.django_db
def test_the_code_on_the_screen_holds_the_address_that_signs_in(client, rep, doctor, person):
    event = running_event(rep, doctor, "E-QR", "肾功能分层沙龙")
    doctors.add_contact(
        doctor_id=doctor.pk, kind="mobile", value="13812340000", by=person("shen", Role.STEWARD), at=AT
    )
    client.force_login(rep)
    with time_machine.travel(AT, tick=False):
        screen, picture = picture_on(client, event)
        (code,) = zxingcpp.read_barcodes(drawn(picture.content))
        client.logout()
        address = code.text.replace("http://testserver", "")
        door = client.get(address)
        signed = client.post(address, {"name": doctor.identity.name, "phone_tail": "0000"})

    assert picture["Content-Type"] == "image/svg+xml"
    assert code.text in screen
    assert (door.status_code, signed.status_code) == (200, 200)
    assert Attendance.objects.get().doctor_id == doctor.pk


@pytest.mark.django_db
def test_the_code_of_one_event_does_not_open_another(client, rep, doctor):
    events = [
        running_event(rep, doctor, "E-1", "肾功能分层沙龙"),
        running_event(rep, doctor, "E-2", "血压沙龙"),
    ]
    client.force_login(rep)
    with time_machine.travel(AT, tick=False):
        codes = [zxingcpp.read_barcodes(drawn(picture_on(client, one)[1].content))[0].text for one in events]
        pages = [client.get(code.replace("http://testserver", "")).content.decode() for code in codes]

    assert codes[0] != codes[1]
    assert ["肾功能分层沙龙" in page for page in pages] == [True, False]
    assert ["血压沙龙" in page for page in pages] == [False, True]
