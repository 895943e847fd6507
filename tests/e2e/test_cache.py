"""The cache of answers: a real redis-server that is killed, frozen and started again under a live server."""

import json
from pathlib import Path

import pytest

from harness.redis import Redis
from harness.sample import silent_wav
from harness.waiting import until


@pytest.fixture
def redis(tmp_path):
    made = []

    def start(*words: str) -> Redis:
        folder = tmp_path / f"redis-{len(made)}"
        folder.mkdir()
        made.append(Redis(folder, *words))
        return made[-1]

    yield start
    for one in made:
        one.kill9()


def on(redis: Redis, **more: str) -> dict[str, str]:
    return {"HOLDFAST_CACHE_BACKEND": "redis", "HOLDFAST_CACHE_URL": redis.url} | more


def check(server, name: str) -> dict:
    """What /health says of one part; nothing while nobody has looked."""
    return server.client.json("/health")["checks"].get(name, [{}])[0]


def figures(server) -> dict[str, float]:
    lines = server.client.get("/metrics").body.decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[:1] not in ("", "#"))}


def until_up(server) -> None:
    until(lambda: check(server, "redis").get("state") == "up", 60, 0.05, "Redis is not up")
    until(lambda: check(server, "cache").get("backend") == "redis", 60, 0.05, "Redis does not answer")


def until_down(server) -> None:
    until(lambda: check(server, "redis").get("state") == "down", 120, 0.05, "Redis is not down")
    until(lambda: check(server, "cache").get("backend") == "memory", 60, 0.05, "nobody stands in")


@pytest.mark.parametrize("trouble", ["killed", "frozen"])
def test_FG_7_TH_4_a_redis_that_is_lost_costs_no_work_and_is_found_again(make_server, redis, trouble):
    cache = redis()
    server = make_server(on(cache)).start()
    until_up(server)
    assert check(server, "cache")["status"] == "pass" and check(server, "redis")["status"] == "pass"
    item = server.client.submit(silent_wav(2))

    cache.kill9() if trouble == "killed" else cache.freeze()
    assert server.client.request("POST", "/api/failure-recovery/services/redis/probe").status == 200
    until_down(server)

    lost = check(server, "redis")
    assert lost["status"] == "warn" and lost["code"] == "HF-CCH-01" and lost["what_to_do"]
    assert check(server, "cache")["status"] == "warn" and check(server, "cache")["stands_in"]
    assert server.client.json("/health")["status"] == "warn", "files are taken all the same"
    assert server.client.get("/readyz").status == 200
    assert server.client.wait_completed(item)["status"] == "completed"
    assert server.client.wait_completed(server.client.submit(silent_wav(1)))["status"] == "completed"
    page = server.cli("status").stdout.decode()
    assert "memory, as redis is away" in page, page

    cache.start() if trouble == "killed" else cache.thaw()
    until_up(server)

    assert not check(server, "cache")["stands_in"]
    log = server.log()
    assert "cache_lost code=HF-CCH-01" in log and "cache_found" in log
    history = server.client.json("/api/failure-recovery/services/redis")["history"]
    assert [entry["what"] for entry in history][:3] == ["up", "down", "up"]


def test_FG_7_a_server_starts_without_its_redis_and_takes_it_when_it_comes(make_server, redis):
    cache = redis()
    cache.kill9()
    server = make_server(on(cache)).start()
    until_down(server)
    assert server.client.get("/readyz").status == 200
    cache.start()
    until_up(server)


def test_the_password_of_the_redis_is_nowhere_to_be_read(make_server, redis, tmp_path):
    cache = redis("--requirepass", "canary-8812")
    secret = tmp_path / "password"
    secret.write_text("canary-8813\n")
    server = make_server(on(cache, HOLDFAST_CACHE_PASSWORD_FILE=str(secret))).start()
    until_down(server)
    assert "WRONGPASS" in check(server, "redis")["message"]

    secret.write_text("canary-8812\n")
    until_up(server)

    seen = server.log() + server.client.get("/metrics").body.decode() + json.dumps(server.client.json("/health"))
    seen += json.dumps(server.client.json("/api/v1/status")) + server.cli("config", "show").stdout.decode()
    assert "canary" not in seen


def test_FG_7_FG_8_the_page_of_figures_and_the_status_tell_of_the_cache(make_server, redis):
    server = make_server(on(redis(), HOLDFAST_CACHE_BASE_TTL="30 min")).start()
    until_up(server)
    until(lambda: "holdfast_cache_entries" in figures(server), 60, 0.05)
    page = figures(server)
    assert page['holdfast_cache_backend{backend="redis"}'] == 1
    assert page['holdfast_cache_backend{backend="memory"}'] == 0
    assert page["holdfast_cache_hits_total"] == 0 and page["holdfast_cache_misses_total"] == 0
    assert page["holdfast_cache_ttl_seconds"] == 1800
    assert page["holdfast_cache_bytes"] > 100_000
    assert page['holdfast_service_up{service="redis"}'] == 1
    cache = server.client.json("/api/v1/status")["cache"]
    assert cache["backend"] == "redis" and cache["ttl_s"] == 1800 and cache["since"]


def test_without_a_redis_the_cache_is_in_memory_and_no_service(make_server):
    server = make_server().start()
    cache = check(server, "cache")
    assert cache["backend"] == "memory" and cache["status"] == "pass" and not cache["stands_in"]
    assert cache["entries"] == 0 and cache["bytes"] == 0
    assert check(server, "redis") == {}
    assert figures(server)['holdfast_cache_backend{backend="memory"}'] == 1


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"HOLDFAST_CACHE_URL": "http://127.0.0.1:6379"}, "cache.url: it begins with neither redis:// nor rediss://"),
        ({"HOLDFAST_CACHE_URL": "redis://u:canary@127.0.0.1"}, "cache.password_file"),
        ({"HOLDFAST_CACHE_BASE_TTL": "9 min"}, "cache.base_ttl"),
        ({"HOLDFAST_CACHE_BACKEND": "memcached"}, "cache.backend"),
    ],
)
def test_mistakes_in_the_cache_are_told_and_no_secret_with_them(make_server, settings, says):
    server = make_server({"HOLDFAST_CACHE_BACKEND": "redis"} | settings)
    done = server.cli("config", "check")
    told = (done.stdout + done.stderr).decode()
    assert done.returncode != 0 and says in told and "canary" not in told, told


def test_a_service_of_the_name_that_the_cache_has_is_refused(make_server, tmp_path):
    path: Path = tmp_path / "holdfast.toml"
    path.write_text('[cache]\nbackend = "redis"\n[services.redis]\npreset = "redis"\n')
    done = make_server({"HOLDFAST_CONFIG": str(path)}).cli("config", "check")
    assert done.returncode != 0 and b"it is looked at by itself" in done.stdout + done.stderr
