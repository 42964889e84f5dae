"""Text messages leave through the gateway a company names, and through none where it names none."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core.exceptions import ImproperlyConfigured

from pharmacrm.common import texting
from pharmacrm.settings import env

NUMBER = "13912342046"


@pytest.fixture
def provider(settings):
    """A provider on this machine that keeps what it was sent; `answer` is the status it gives."""
    got = []

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(server.answer)
            self.end_headers()

        def log_message(self, *_args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Provider)
    server.answer, server.got = 200, got
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.SMS_GATEWAY = "http"
    settings.SMS_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}/send"
    settings.SMS_GATEWAY_AUTH = "Bearer abc"
    settings.SMS_GATEWAY_BODY = '{"phones": ["{number}"], "params": {"words": "{text}"}}'
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_provider_gets_the_companys_own_body(provider):
    texting.send_text(NUMBER, '验证码："123456"')

    assert provider.got == [("Bearer abc", {"phones": [NUMBER], "params": {"words": '验证码："123456"'}})]


def test_a_provider_that_says_no_is_tried_again_later_and_its_error_names_no_number(provider):
    provider.answer = 503

    with pytest.raises(texting.TextNotSent) as refusal:
        texting.send_text(NUMBER, "x")

    assert NUMBER not in str(refusal.value)


def test_a_demonstration_keeps_messages_in_a_folder(settings, tmp_path):
    settings.SMS_GATEWAY, settings.SMS_FILE_PATH = "file", tmp_path / "texts"

    texting.send_text(NUMBER, "验证码：123456")

    [kept] = list((tmp_path / "texts").iterdir())
    assert kept.read_text("utf-8") == f"{NUMBER}\n验证码：123456\n"


def test_messages_can_go_to_the_console(settings, capsys):
    settings.SMS_GATEWAY = "console"

    texting.send_text(NUMBER, "x")

    assert NUMBER in capsys.readouterr().out


def test_without_a_gateway_nothing_pretends_to_be_sent(settings):
    settings.SMS_GATEWAY = ""

    assert not texting.can_text()
    with pytest.raises(texting.TextNotSent):
        texting.send_text(NUMBER, "x")


@pytest.mark.parametrize("body", ["{", '{"to": "{number}"}', '{"text": "{text}"}'])
def test_a_body_that_says_not_where_number_and_words_stand_is_refused_at_the_start(monkeypatch, body):
    monkeypatch.setenv("SMS_GATEWAY_BODY", body)

    with pytest.raises(ImproperlyConfigured, match="SMS_GATEWAY_BODY"):
        env.template("SMS_GATEWAY_BODY", "{}")
