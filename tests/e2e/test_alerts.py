"""Who runs the server is told what is wrong without a Prometheus: real faults, a real receiver, kills in between."""

import json
import re
import shutil

import pytest

from harness.browser import Browser
from harness.endpoint import Endpoint
from harness.meminfo import FakeMemory
from harness.processes import free_port
from harness.receiver import SECRET, Receiver
from harness.sample import silent_wav
from harness.server import NO_WORK
from harness.waiting import until

BASE = "/api/failure-recovery"
#: A minute of the rules is a fifth of a second.
QUICK = {"HOLDFAST_ALERTS_DRILL_SPEED": "300"}
#: A minute of the rules is a second.
LESS_QUICK = {"HOLDFAST_ALERTS_DRILL_SPEED": "60"}
ALL_TOLD = {"configured": True, "waiting": 0, "dropped": 0, "given_up": 0, "trouble": None}


@pytest.fixture
def receiver():
    made = Receiver().open()
    yield made
    made.close()
    assert made.forged == []


def alerts(server) -> dict:
    return server.client.json(f"{BASE}/alerts")


def active(server) -> set[str]:
    return {alert["alert"] for alert in alerts(server)["active"]}


def look_at(server, service: str) -> None:
    assert server.client.request("POST", f"{BASE}/services/{service}/probe").status == 200


def act(server, path: str) -> None:
    assert server.client.request("POST", BASE + path).status == 200


def until_said(receiver: Receiver, states: list[str], alert: str, subject: str | None = None) -> None:
    until(lambda: receiver.said(alert, subject)[: len(states)] == states, 90, why=f"{alert}: {states}")


def test_FG_13_parts_that_go_away_are_told_and_told_again_when_they_are_back(make_server, receiver, tmp_path):
    ffmpeg, port = tmp_path / "ffmpeg", free_port()
    parts = {"HOLDFAST_MEDIA_FFMPEG": str(ffmpeg), "HOLDFAST_LANGUAGE_URL": f"http://127.0.0.1:{port}/v1"}
    server = make_server(QUICK | receiver.settings | parts).start()
    until_said(receiver, ["firing"], "HoldfastServiceDown", "ffmpeg")
    until_said(receiver, ["firing"], "HoldfastModelDown", "language")
    assert {"HoldfastServiceDown", "HoldfastModelDown"} <= active(server)

    ffmpeg.symlink_to(shutil.which("ffmpeg"))
    endpoint = Endpoint(port)
    try:
        look_at(server, "ffmpeg")
        look_at(server, "language")
        until_said(receiver, ["firing", "resolved"], "HoldfastServiceDown", "ffmpeg")
        until_said(receiver, ["firing", "resolved"], "HoldfastModelDown", "language")
        assert not {"HoldfastServiceDown", "HoldfastModelDown"} & active(server)
    finally:
        endpoint.close()


def test_FG_13_a_notice_says_what_it_is_and_what_to_do(make_server, receiver):
    server = make_server(QUICK | receiver.settings | NO_WORK).start()
    until_said(receiver, ["firing"], "HoldfastServiceDown", "ffmpeg")

    notice = next(n for n in receiver.got if n["subject"] == "ffmpeg")

    assert notice["type"] == "holdfast.alert.firing" and notice["severity"] == "high"
    assert notice["text"] == "[high] ffmpeg is away."
    assert notice["what_to_do"] == "holdfast doctor names what is missing."
    assert notice["since"] <= notice["at"] == notice["timestamp"]
    assert notice["figures"] == {"value": 1, "threshold": 0, "over_s": 0, "lasts_s": 1} and notice["dropped"] == 0
    shown = alerts(server)
    assert shown["recent"][-1]["id"] == receiver.got[0]["id"]
    assert shown["webhook"] == ALL_TOLD
    assert f"alert_firing alert=HoldfastServiceDown subject=ffmpeg severity=high id={notice['id']}" in server.log()


def test_FG_13_what_fired_outlives_a_kill_and_a_receiver_that_was_away(make_server):
    receiver, port = Receiver(), free_port()
    server = make_server(QUICK | receiver.settings | {"HOLDFAST_LANGUAGE_URL": f"http://127.0.0.1:{port}/v1"}).start()
    until(lambda: "HoldfastModelDown" in active(server))
    fired = next(event for event in alerts(server)["recent"] if event["subject"] == "language")
    until(lambda: alerts(server)["webhook"]["trouble"])
    server.kill9()
    endpoint = Endpoint(port)  # what it was about is over before anybody was told

    receiver.open()
    try:
        server.start()
        until_said(receiver, ["firing", "resolved"], "HoldfastModelDown", "language")
        assert fired["id"] in [notice["id"] for notice in receiver.got]
        until(lambda: alerts(server)["webhook"] == ALL_TOLD)
        assert receiver.forged == []
    finally:
        receiver.close()
        endpoint.close()


def test_FG_13_only_a_success_means_that_it_was_taken(make_server, receiver):
    receiver.status = 302  # with a Location, which is not followed
    server = make_server(QUICK | receiver.settings | NO_WORK).start()
    until(lambda: alerts(server)["webhook"]["trouble"] == "the webhook's answer has status 302")
    assert alerts(server)["webhook"]["waiting"] >= 1

    receiver.status = 204
    until_said(receiver, ["firing"], "HoldfastServiceDown", "ffmpeg")
    until(lambda: alerts(server)["webhook"]["waiting"] == 0)


def test_FG_13_what_a_webhook_refuses_for_good_is_given_up_and_counted(make_server, receiver):
    receiver.status = 404
    server = make_server(QUICK | receiver.settings | NO_WORK).start()
    until(lambda: alerts(server)["webhook"]["given_up"] >= 1, 120)

    assert receiver.tries >= 5
    assert "alert_given_up alert=" in server.log() and "code=HF-ALR-02" in server.log()
    assert alerts(server)["webhook"]["trouble"] == "the webhook's answer has status 404"
    assert re.search(r"^holdfast_alerts_given_up_total [1-9]", server.client.get("/metrics").body.decode(), re.M)
    assert "HoldfastServiceDown" in active(server), "the alert itself stays"


def test_FG_13_an_alert_that_fires_is_not_told_anew_by_a_restart(make_server, receiver):
    server = make_server(QUICK | receiver.settings | NO_WORK).start()
    until_said(receiver, ["firing"], "HoldfastServiceDown", "ffmpeg")
    since = [alert["since"] for alert in alerts(server)["active"] if alert["subject"] == "ffmpeg"]

    server.restart()
    until(lambda: server.client.json(f"{BASE}/services/ffmpeg")["state"] == "down")

    assert [alert["since"] for alert in alerts(server)["active"] if alert["subject"] == "ffmpeg"] == since
    assert receiver.said("HoldfastServiceDown", "ffmpeg") == ["firing"]


@pytest.mark.slow
def test_FG_13_queues_memory_and_errors_are_told(make_server, receiver, tmp_path):
    memory = FakeMemory(tmp_path)
    server = make_server(QUICK | receiver.settings | NO_WORK | memory.settings).start()
    memory.set(5)
    until_said(receiver, ["firing"], "HoldfastWorkPaused")
    until_said(receiver, ["firing"], "HoldfastUploadsRefused")
    refused: set[int] = set()
    told = receiver.said
    until(lambda: refused.add(server.client.upload(silent_wav(1)).status) or told("HoldfastErrorRateHigh"), 60, 0.02)
    assert refused == {503}
    memory.set(80)
    for alert in ("HoldfastWorkPaused", "HoldfastUploadsRefused", "HoldfastErrorRateHigh"):
        until_said(receiver, ["firing", "resolved"], alert)

    items = [server.client.submit(silent_wav(1), name="canary-5521.wav") for _ in range(101)]
    until_said(receiver, ["firing"], "HoldfastQueueLong", "media")
    until_said(receiver, ["firing"], "HoldfastNoProgress")
    for item in items:
        server.client.request("POST", f"/api/v1/items/{item}/cancel")
    until_said(receiver, ["firing", "resolved"], "HoldfastQueueLong", "media")
    until_said(receiver, ["firing", "resolved"], "HoldfastNoProgress")
    assert not any(word in json.dumps(receiver.got) for word in [*items, "local", "canary"])


def test_FG_9_every_tenth_upload_that_a_full_queue_refuses_alerts(make_server, receiver):
    server = make_server(LESS_QUICK | receiver.settings | NO_WORK | {"HOLDFAST_ADMISSION_WAITING_MAX": "1"}).start()
    first = server.client.submit(silent_wav(1))
    until(lambda: server.client.item(first)["held_for"])  # it was begun once, and found to need what is not there
    for _ in range(9):
        assert server.client.upload(silent_wav(1)).code == "HF-ADM-02"
    until_said(receiver, ["firing"], "HoldfastServiceDown", "ffmpeg")  # it has been looked since then
    assert receiver.said("HoldfastQueueRefusals") == []

    assert server.client.upload(silent_wav(1)).code == "HF-ADM-02"

    until_said(receiver, ["firing", "resolved"], "HoldfastQueueRefusals")
    told = next(n for n in receiver.got if n["alert"] == "HoldfastQueueRefusals")
    assert told["summary"] == "Full queues have refused 10 uploads since the server started."


@pytest.mark.slow
def test_FG_13_failing_models_dead_letters_and_breakers_are_told(make_server, receiver, samples):
    endpoint = Endpoint()
    endpoint.spoil = lambda request: (200, b'{"choices":[{"message":{"content":"no JSON"}}]}')
    server = make_server(LESS_QUICK | receiver.settings | {"HOLDFAST_LANGUAGE_URL": endpoint.url}).start()
    try:
        act(server, "/circuit-breakers/language%2Fllama/open")
        until_said(receiver, ["firing"], "HoldfastBreakerOpen", "language/llama")
        act(server, "/circuit-breakers/language%2Fllama/close")
        until_said(receiver, ["firing", "resolved"], "HoldfastBreakerOpen", "language/llama")

        words, said = samples.sentence().read_bytes(), receiver.said
        submit = server.client.submit
        until(lambda: submit(words, recipe="introductions") and said("HoldfastModelFailureRateHigh"), 120, 2)
        for _ in range(8):
            server.client.submit(samples.truncated_video().read_bytes())
        until_said(receiver, ["firing"], "HoldfastDeadLettersGrowing")
    finally:
        endpoint.close()


def test_FG_13_alerts_are_said_in_words_and_on_the_superusers_stream(make_server):
    server = make_server(QUICK | NO_WORK).start()
    line = server.client.dial()
    line.sendall(b"GET /api/v1/events?after=0 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % server.port)
    heard = bytearray()

    def hear() -> bool:
        heard.extend(line.recv(65536))
        return b'"subject":"HoldfastServiceDown"' in heard

    until(hear)
    line.close()
    assert b"event: holdfast.alert.firing" in heard and b"\nid: " not in heard

    until(lambda: "HoldfastServiceDown" in active(server))
    words = server.cli("status").stdout.decode()
    assert words.startswith("Alerts\n") and "high                 ffmpeg is away." in words
    assert "holdfast doctor names what is missing." in words
    assert alerts(server)["webhook"]["configured"] is False and alerts(server)["webhook"]["waiting"] == 0


@pytest.mark.page
def test_FG_13_the_page_says_it_in_words_until_it_is_over(make_server, tmp_path):
    port = free_port()
    server = make_server(QUICK | {"HOLDFAST_LANGUAGE_URL": f"http://127.0.0.1:{port}/v1"}).start()
    browser = Browser(tmp_path)
    try:
        browser.open(server.url + "/")
        said = "document.getElementById('banners').innerText.includes('language does not answer; its items wait.')"
        browser.wait(said, 60)
        endpoint = Endpoint(port)
        look_at(server, "language")
        browser.wait(f"!{said}", 60)
        endpoint.close()
        assert browser.console == []
    finally:
        browser.close()


@pytest.mark.parametrize(
    "settings",
    [
        {"HOLDFAST_ALERTS_WEBHOOK": "canary.example.org/hook"},
        {"HOLDFAST_ALERTS_WEBHOOK": "http://user:canary@example.org/"},
        {"HOLDFAST_ALERTS_WEBHOOK": "https://example.org/canary#part"},
        {"HOLDFAST_ALERTS_SECRET": "canary canary canary"},
        {"HOLDFAST_ALERTS_WEBHOOK": "https://example.org/", "HOLDFAST_ALERTS_SECRET": "canary"},
        {"HOLDFAST_ALERTS_WEBHOOK": "https://example.org/", "HOLDFAST_ALERTS_SECRET": "whsec_canary-canary-canary!"},
        {"HOLDFAST_ALERTS_TIMEOUT": "0 s"},
        {"HOLDFAST_ALERTS_DRILL_SPEED": "0"},
    ],
)
def test_FG_13_a_webhook_that_cannot_be_is_refused_and_not_repeated(make_server, settings):
    server = make_server(settings)
    for command in (("config", "check"), ("serve", "--single-user", "--data", str(server.data))):
        done = server.cli(*command)
        assert done.returncode not in (0, 1), done.stdout
        assert b"alerts." in done.stderr and b"canary" not in done.stdout + done.stderr, done.stderr


def test_FG_13_the_secret_is_shown_nowhere(make_server, receiver):
    server = make_server(QUICK | receiver.settings | NO_WORK).start()
    until_said(receiver, ["firing"], "HoldfastServiceDown", "ffmpeg")
    shown = b""
    for command in ("config show --origin", "config show --json", "status --json", "doctor --json"):
        shown += server.cli(*command.split()).stdout
    shown += json.dumps(alerts(server)).encode() + server.log().encode() + server.client.get("/metrics").body

    assert b'webhook = "http://127.0.0.1:%d/..."' % receiver.port in shown and b'secret = "set"' in shown
    assert SECRET.encode() not in shown and b"canary" not in shown
