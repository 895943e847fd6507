"""Users: who gets in, who reaches what, and what is never told. Rows FR_7 and LAB_4."""

import base64
import hashlib
import hmac
import json
import re
import sqlite3
import threading
import time

import pytest

from harness.browser import Browser
from harness.client import Client
from harness.endpoint import Endpoint
from harness.server import NO_WORK
from harness.waiting import until

PASSWORD = "correct horse battery"
CANARY = "zanzibar-canary"


@pytest.fixture(scope="module")
def school(make_module_server):
    """A server that takes files and holds them, with boss (a superuser), ana and bo."""
    server = make_module_server(NO_WORK, single_user=False)
    server.add_user("boss", PASSWORD, "--superuser")
    for name in ("ana", "bo"):
        server.add_user(name, PASSWORD)
    return server.start()


@pytest.fixture(scope="module")
def people(school) -> dict[str, Client]:
    return {"nobody": school.client} | {name: school.log_in(name, PASSWORD) for name in ("ana", "bo", "boss")}


def code_of(answer) -> tuple[int, str]:
    return answer.status, answer.code


# ---- set-up ----------------------------------------------------------------------------------------------------


def test_FR_7_the_first_superuser_is_made_with_the_printed_link_and_nothing_else(make_server):
    server = make_server(NO_WORK, single_user=False).start()
    stale = server.setup_link()
    server.restart()
    link = server.setup_link()
    assert re.fullmatch(re.escape(server.url) + r"/#setup=[\w-]{43}", link), link
    secret = link.partition("=")[2]
    person = {"name": "boss", "password": PASSWORD}

    def set_up(token: str):
        return server.client.send_json("POST", f"/auth/setup/{token}", person)

    assert code_of(server.client.log_in("admin", "admin")) == (401, "HF-AUT-04"), "there is no default password"
    assert code_of(set_up(stale.partition("=")[2])) == (404, "HF-AUT-06"), "the next start makes a new one"
    assert code_of(set_up("x" * 43)) == (404, "HF-AUT-06")
    session = set_up(secret)
    assert session.status == 200 and session.json()["user"]["superuser"] is True
    assert code_of(set_up(secret)) == (404, "HF-AUT-06")

    server.restart()
    assert server.setup_link(2) == "", "there is a user now"
    assert server.log_in("boss", PASSWORD).json("/api/v1/me")["name"] == "boss"
    assert secret not in server.log() and stale.partition("=")[2] not in server.log()
    assert "setup_link_printed" in server.log()


def test_FR_7_users_are_managed_by_command_with_and_without_a_server(make_server):
    server = make_server(NO_WORK, single_user=False)
    server.add_user("boss", PASSWORD, "--superuser")
    assert (server.data / "holdfast.db").stat().st_mode & 0o077 == 0, "hashes and keys are the owner's alone"
    server.start()
    assert server.setup_link(2) == ""
    server.add_user("ana", PASSWORD)
    ana = server.log_in("ana", PASSWORD)
    assert ana.get("/api/v1/me").status == 200

    def user(*words: str, password: str = "") -> tuple[int, str]:
        done = server.cli("user", *words, "--data", str(server.data), input=password.encode())
        return done.returncode, done.stdout.decode()

    assert user("list") == (0, "ana\tuser\nboss\tsuperuser\n")
    assert user("passwd", "ana", "--password-stdin", password="another sentence\n")[0] == 0
    assert ana.get("/api/v1/me").status == 401, "tokens of before the change end at once"
    ana = server.log_in("ana", "another sentence")
    assert user("deactivate", "ana")[0] == 0
    assert ana.get("/api/v1/me").status == 401
    assert user("add", "ana", "--password-stdin", password=PASSWORD)[0] == 1, "the name is taken"
    assert user("add", "cy", "--password-stdin", password="short")[0] == 1
    assert user("add", "cy", password=PASSWORD)[0] == 2, "never on the command line, nor asked for"
    assert user("deactivate", "boss")[0] == 1, "the last superuser stays"
    assert json.loads(user("list", "--json")[1])["data"][0] == {"name": "ana", "superuser": False, "active": False}
    audit = server.log_in("boss", PASSWORD).json("/api/v1/management-audit")["data"]
    outcomes = [line["outcome"] for line in audit]
    assert outcomes == ["HF-ACC-05", "HF-ACC-02", "HF-ACC-03", "done", "done", "done", "done"]


def test_FR_7_a_script_uses_an_api_token_with_the_commands(school, people, tmp_path):
    made = people["ana"].send_json("POST", "/api/v1/me/tokens", {"label": "script"}).json()
    (tmp_path / "token").write_text(made["token"] + "\n")
    with_token = {"environment": {"HOLDFAST_TOKEN_FILE": str(tmp_path / "token")}}

    assert school.cli("list", "--json", **with_token).returncode == 0
    assert school.cli("list", "--json").returncode == 12
    assert people["ana"].request("DELETE", f"/api/v1/me/tokens/{made['id']}").status == 204
    assert school.cli("list", "--json", **with_token).returncode == 12


# ---- the matrix ------------------------------------------------------------------------------------------------


def operations(document: dict) -> list[tuple[str, str, str]]:
    """(method, path, who may)"""
    return [
        (method.upper(), path, operation["x-access"])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def filled(path: str, ids: dict[str, str]) -> str:
    """The path with an id of ana's wherever it names something."""
    for part, value in ids.items():
        path = re.sub(part, value, path)
    path = re.sub(r"\{[^}]*\}", "x", path)
    return path + "?q=anything" if path == "/api/v1/memories/search" else path  # which needs something to look for


def everything(school) -> dict:
    """All that a forbidden request could have changed."""
    store = sqlite3.connect(f"file:{school.data / 'holdfast.db'}?mode=ro", uri=True)
    try:
        tables = ("queue_items", "users", "api_tokens", "invitations", "results", "audit", "memory_sessions")
        return {table: store.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}
    finally:
        store.close()


def test_FR_7_every_route_as_everybody_with_the_ids_of_somebody_else(school, people, samples):
    ana = people["ana"]
    item = ana.submit(samples.sentence(4).read_bytes(), name="ana.wav", recipe="memories")
    token = ana.send_json("POST", "/api/v1/me/tokens", {"label": "hers"}).json()["id"]
    link = people["boss"].send_json("POST", "/api/v1/invitations", {"name": "cy"}).json()["id"]
    ids = {
        r"/me/tokens/\{id\}": f"/me/tokens/{token}",
        r"/invitations/\{id\}": f"/invitations/{link}",
        r"\{(id|item|item_id|audio_uuid)\}": item,
        r"/models/\{name\}": "/models/speech",
        r"\{name\}": "ana",
        r"\{model\}": "whisper-1",
        r"\{format\}": "srt",
        r"\{code\}": "HF-UPL-01",
    }
    table = operations(school.client.json("/openapi.json"))
    assert len(table) > 30 and {access for _, _, access in table} == {"anybody", "user", "superuser"}
    until(lambda: all(one["held_for"] for one in ana.items()), why="the file waits for a converter")
    before = everything(school)
    wrong = []

    def expect(who: str, method: str, path: str, allowed) -> None:
        status = people[who].status(method, filled(path, ids))
        if not allowed(status):
            wrong.append(f"{who} {method} {path}: {status}")

    for method, path, access in table:
        names_something = bool(re.search(r"\{(id|item|item_id|audio_uuid)\}", path))
        if access == "anybody":
            expect("nobody", method, path, lambda status: status not in (403, 500))
            continue
        expect("nobody", method, path, lambda status: status == 401)
        for who in ("ana", "bo"):
            if access == "superuser":
                expect(who, method, path, lambda status: status == 403)
        if access == "user" and names_something:
            expect("bo", method, path, lambda status: status == 404)
        elif access == "user":
            expect("bo", method, path, lambda status: status not in (401, 403, 500))
    assert not wrong, "\n".join(wrong)
    assert everything(school) == before, "nothing was changed"

    for method, path, access in table:
        if access == "user" and method == "GET":
            expect("ana", method, path, lambda status: status in (200, 409))
            if not path.startswith("/api/v1/me"):
                expect("boss", method, path, lambda status: status in (200, 409))
        if access == "superuser" and method == "GET" and "{" not in path:
            expect("boss", method, path, lambda status: status == 200)
    assert not wrong, "\n".join(wrong)


def test_FR_7_not_yours_and_not_there_are_the_same(school, people, samples):
    item = people["ana"].submit(samples.sentence(4).read_bytes(), name="ana.wav")
    same = {"X-Request-Id": "same"}
    for more in ("", "/media", "/audit", "/events", "/transcript.txt"):
        theirs = people["bo"].get(f"/api/v1/items/{item}{more}", headers=same)
        none = people["bo"].get(f"/api/v1/items/{item[:-1]}{more}", headers=same)
        assert theirs.status == 404
        assert theirs.body == none.body
    assert all(one["owner"] == "bo" for one in people["bo"].items())
    assert people["bo"].json("/my-videos")["pending"] == []


# ---- tokens ----------------------------------------------------------------------------------------------------


def part(data) -> str:
    raw = data if isinstance(data, bytes) else json.dumps(data, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(key: bytes, head: dict | None = None, digest=hashlib.sha256, **claims) -> str:
    now = int(time.time())
    claims = {"sub": "boss", "iat": now, "exp": now + 600, "jti": "x", "ver": 1} | claims
    text = part(head or {"alg": "HS256", "typ": "JWT"}) + "." + part(claims)
    return text + "." + part(hmac.new(key, text.encode(), digest).digest())


def test_FR_7_tokens_that_are_not_ours_or_not_good_now_open_nothing(school, people):
    store = sqlite3.connect(f"file:{school.data / 'holdfast.db'}?mode=ro", uri=True)
    secret = store.execute("SELECT value FROM meta WHERE key = 'signing_key'").fetchone()[0]
    store.close()
    key, now = hashlib.sha256(secret.encode()).digest(), int(time.time())
    good = people["boss"].token
    head, payload, signature = good.split(".")
    bad = {
        "alg none": part({"alg": "none", "typ": "JWT"}) + "." + payload + ".",
        "alg none, signed": part({"alg": "none"}) + "." + payload + "." + signature,
        "no signature": f"{head}.{payload}.",
        "other key": forged(b"k" * 32),
        "empty key": forged(b""),
        "other algorithm, right key": forged(key, {"alg": "HS512", "typ": "JWT"}, hashlib.sha512),
        "head with a key of its own": forged(key, {"alg": "HS256", "typ": "JWT", "jwk": {"kty": "oct", "k": "AA"}}),
        "expired": forged(key, iat=now - 1000, exp=now - 1),
        "of the future": forged(key, iat=now + 3600, exp=now + 7200),
        "without end": forged(key, exp=None),
        "of an older version of the user": forged(key, ver=0),
        "of nobody": forged(key, sub="nobody"),
        "more rights in the payload": f"{head}.{part({'sub': 'boss', 'superuser': True})}.{signature}",
        "tampered": head + "." + payload[:-2] + ("AA" if payload[-2:] != "AA" else "BB") + "." + signature,
        "an API token that is none": "hfp_" + "x" * 43,
        "too long": "x" * 8000,
    }

    assert Client("127.0.0.1", school.port, forged(key)).get("/api/v1/users").status == 200, "the forger has the key"
    for what, token in bad.items():
        answer = Client("127.0.0.1", school.port, token).get("/api/v1/users")
        assert code_of(answer) == (401, "HF-AUT-01"), what
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert token[-20:] not in answer.body.decode()


def test_FR_7_a_refresh_token_used_twice_ends_the_session(school):
    def refresh(token: str):
        return school.client.send_json("POST", "/auth/jwt/refresh", {"refresh_token": token})

    first = school.client.log_in("bo", PASSWORD).json()["refresh_token"]
    second = refresh(first).json()["refresh_token"]
    third = refresh(second).json()["refresh_token"]

    assert code_of(refresh(first)) == (401, "HF-AUT-01")
    assert code_of(refresh(third)) == (401, "HF-AUT-01"), "thief or owner: nobody can tell, so both are out"
    assert "refresh_token_used_twice" in school.log()


def test_FR_7_two_at_once_with_one_refresh_token_are_one_too_many(school):
    token = school.client.log_in("bo", PASSWORD).json()["refresh_token"]
    seen = []

    def refresh() -> None:
        seen.append(school.client.send_json("POST", "/auth/jwt/refresh", {"refresh_token": token}).status)

    both = [threading.Thread(target=refresh) for _ in range(4)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(seen) == [200, 401, 401, 401]


def test_FR_7_guessing_ends_in_a_wait_that_a_restart_does_not_shorten(make_server):
    server = make_server(NO_WORK, single_user=False)
    server.add_user("ana", PASSWORD)
    server.start()
    guesses = [threading.Thread(target=server.client.log_in, args=("ana", f"wrong guess {n}")) for n in range(12)]
    for thread in guesses:
        thread.start()
    for thread in guesses:
        thread.join()

    blocked = server.client.log_in("ana", PASSWORD)
    assert code_of(blocked) == (429, "HF-AUT-05")
    assert blocked.json()["retry_after"] == int(blocked.headers["retry-after"]) > 0
    server.restart()
    assert server.client.log_in("ana", PASSWORD).status == 429
    assert "wrong guess" not in server.log()


# ---- what is never told ----------------------------------------------------------------------------------------


def test_FR_7_nothing_of_a_user_stands_in_log_audit_or_errors(make_server, samples):
    server = make_server(single_user=False)
    secret = f"{CANARY}-password"
    for name in ("ana", "bo", "boss"):
        server.add_user(name, secret, *(["--superuser"] if name == "boss" else []))
    server.start()
    ana, bo, boss = (server.log_in(name, secret) for name in ("ana", "bo", "boss"))
    item = ana.submit(samples.sentence(4).read_bytes(), name=f"{CANARY}.wav", key=f"{CANARY}-key")
    words = ana.wait_completed(item)["result"]["transcript"]["text"].lower()
    assert "desert" in words
    ana.upload(b"not media", name=f"{CANARY}.mp4")
    server.client.log_in(f"{CANARY}-name", f"{CANARY}-typed")
    boss.send_json("POST", "/api/v1/users", {"name": "cy", "password": f"{CANARY}-new"})
    bo.send_json("POST", f"/api/v1/items/{item}/retry", {"from_stage": f"{CANARY}-stage"})

    told = {
        "log": server.log(),
        "audit of management": boss.get("/api/v1/management-audit").body.decode(),
        "not yours": bo.get(f"/api/v1/items/{item}").body.decode(),
        "retry": bo.send_json("POST", f"/api/v1/items/{item}/retry", {}).body.decode(),
        "status for bo": bo.get("/api/v1/status").body.decode(),
        "status": boss.get("/api/v1/status").body.decode(),
        "health": server.client.get("/health").body.decode(),
        "what bo has": bo.get("/api/v1/items").body.decode(),
    }
    for where, text in told.items():
        assert CANARY not in text, where
        assert "desert" not in text.lower(), where


# ---- LAB_4 -----------------------------------------------------------------------------------------------------


def test_LAB_4_what_failed_goes_on_when_its_owner_logs_in(make_server, samples):
    endpoint = Endpoint()
    nonsense = json.dumps({"choices": [{"message": {"role": "assistant", "content": "no JSON at all"}}]}).encode()
    endpoint.spoil = lambda request: (200, nonsense)
    try:
        server = make_server({"HOLDFAST_LANGUAGE_URL": endpoint.url}, single_user=False)
        for name in ("ana", "bo"):
            server.add_user(name, PASSWORD)
        server.start()
        ana = server.log_in("ana", PASSWORD)
        failed = ana.upload_video(samples.video().read_bytes()).json()["task_id"]
        hopeless = ana.submit(samples.mute_video().read_bytes(), name="mute.mp4")
        assert ana.wait(failed)["error"]["code"] == "HF-LLM-03"
        assert ana.wait(hopeless)["error"]["code"] == "HF-MED-03"
        heard = [stage for stage in ana.item(failed)["stages"] if stage["name"] == "stt"]
        endpoint.spoil = lambda request: None

        server.log_in("bo", PASSWORD)
        assert ana.item(failed)["status"] == "failed", "somebody else's log-in does nothing"
        server.log_in("ana", PASSWORD)
        done = ana.wait_completed(failed)
    finally:
        endpoint.close()
    assert [stage for stage in done["stages"] if stage["name"] == "stt"] == heard, "what was done stays done"
    assert ana.item(hopeless)["status"] == "failed"
    assert "resumed_at_log_in count=1" in server.log()


# ---- the page --------------------------------------------------------------------------------------------------


@pytest.fixture
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("browser"))
    yield made
    made.close()


def fill(page: Browser, **values: str) -> None:
    for name, value in values.items():
        page.ask(f"document.getElementById({json.dumps(name)}).value = {json.dumps(value)}")
    page.ask("document.querySelector('#gate button[type=submit]').click()")


@pytest.mark.page
def test_FR_7_setting_up_signing_in_and_out_on_the_page(browser, make_server, samples):
    server = make_server(NO_WORK, single_user=False).start()
    browser.open(server.setup_link())
    browser.wait("document.querySelector('#gate h1')?.textContent === 'Set up this server'", 30)
    fill(browser, **{"name": "boss", "new-password": "short"})
    browser.wait("document.querySelector('.wrong').textContent.includes('password cannot be used')", 30)
    fill(browser, **{"name": "boss", "new-password": PASSWORD})
    browser.wait("document.getElementById('who-name').textContent === 'boss'", 30)
    assert browser.ask("location.hash") == "#/", "the link's secret is gone from the address"
    browser.wait("document.getElementById('live').textContent === 'Live'", 30)

    browser.choose_file("input[type=file]", samples.sentence(4))
    item = until(lambda: next(iter(server.log_in("boss", PASSWORD).items()), None), 30, why="the page sends it")
    assert item["owner"] == "boss"

    browser.open(server.url + "/")
    browser.wait("document.getElementById('who-name').textContent === 'boss'", 30)
    assert browser.ask("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0
    assert browser.ask("document.cookie") == "", "no script can read the session"

    browser.ask("document.getElementById('sign-out').click()")
    browser.wait("document.querySelector('#gate h1')?.textContent === 'Sign in'", 30)
    assert browser.ask("getComputedStyle(document.getElementById('home')).display") == "none"
    fill(browser, name="boss", password="wrong")
    browser.wait("document.querySelector('.wrong').textContent.includes('wrong')", 30)
    fill(browser, name="boss", password=PASSWORD)
    browser.wait("document.getElementById('live').textContent === 'Live'", 30)
    browser.wait("document.querySelectorAll('#groups li').length === 1", 30)

    made = server.log_in("boss", PASSWORD).send_json("POST", "/api/v1/invitations", {"name": "ana"}).json()
    browser.ask("document.getElementById('sign-out').click()")
    browser.wait("document.querySelector('#gate h1')?.textContent === 'Sign in'", 30)
    browser.ask(f"location.href = {json.dumps(made['link'])}")
    browser.wait("document.querySelector('#gate h1')?.textContent === 'Welcome, ana'", 30)
    fill(browser, **{"new-password": PASSWORD})
    browser.wait("document.getElementById('who-name').textContent === 'ana'", 30)
    browser.wait("document.body.innerText.includes('Nothing here yet')", 30)
