"""The stand-ins for curl and openssl do what those do, and refuse what the guide does not use."""

import base64
import getopt

import pytest

from tests.api.programs import curl, openssl


def test_a_challenge_is_the_one_of_rfc_7636():
    digest = openssl.answer(["dgst", "-sha256", "-binary"], b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert openssl.answer(["base64", "-A"], digest) == b"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM="


@pytest.mark.parametrize(("kind", "read"), [("-hex", bytes.fromhex), ("-base64", base64.b64decode)])
def test_dice_give_as_many_bytes_as_asked_for(kind, read):
    first, second = (openssl.answer(["rand", kind, "96"], b"").decode() for _ in range(2))

    assert len(read(first.replace("\n", ""))) == 96
    assert first != second
    assert max(map(len, first.split())) <= (192 if kind == "-hex" else 64)


def test_a_body_is_joined_from_its_fields():
    assert curl.body_of([("-d", "a=1"), ("-d", "b=2")]) == (b"a=1&b=2", "application/x-www-form-urlencoded")
    assert curl.body_of([("-s", "")]) == (None, "")


def test_a_file_goes_with_its_name(tmp_path):
    sheet = tmp_path / "hospitals.csv"
    sheet.write_text("医院名称\n")

    body, kind = curl.body_of([("-F", "kind=hospital"), ("-F", f"file=@{sheet}")])

    assert kind.startswith("multipart/form-data; boundary=")
    assert b'name="kind"\r\n\r\nhospital\r\n' in body
    assert 'filename="hospitals.csv"\r\nContent-Type: text/csv\r\n\r\n医院名称\n'.encode() in body


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("flags", "code", "says"), [("-s", 0, True), ("-sf", 22, False)])
def test_a_no_of_the_server_ends_it_only_where_that_was_asked_for(live_server, flags, code, says):
    ended, said = curl.ask([flags, f"{live_server.url}/api/v1/me/", "-H", "Accept: application/json"])

    assert ended == code
    assert (b"not_authenticated" in said) is says


def test_an_option_that_the_guide_does_not_use_is_refused():
    with pytest.raises(getopt.GetoptError):
        curl.ask(["-L", "http://localhost/"])
    with pytest.raises(ValueError, match="genrsa"):
        openssl.answer(["genrsa"], b"")
