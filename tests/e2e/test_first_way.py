"""The whole way of one file, on the real engines: in as a recording, out as transcript, form and rating."""

import hashlib
import json
import re

import pytest

from harness.server import NO_WORK

ITEM_FIELDS = {
    "id",
    "job_id",
    "recipe",
    "owner",
    "status",
    "stage",
    "stages",
    "retry_count",
    "requested_mode",
    "mode",
    "downshift",
    "messages",
    "error",
    "created_at",
    "updated_at",
    "input",
    "result",
}
STAGE_FIELDS = {"name", "title", "state", "attempts", "started_at", "finished_at", "warnings"}
INPUT_FIELDS = {"name", "bytes", "sha256", "media_type", "duration_s"}
SEGMENT_FIELDS = {"start_s", "end_s", "text", "confidence", "words"}
WORDS_SPOKEN = {
    "anna",
    "vienna",
    "computer",
    "science",
    "hiking",
    "photography",
    "engineer",
    "german",
    "english",
}


@pytest.fixture(scope="module")
def introduced(shared_server, samples):
    """One introduction that went the whole way."""
    content = samples.video().read_bytes()
    answer = shared_server.client.upload_video(content, name="anna.mp4")
    return shared_server, content, answer, shared_server.client.wait_completed(answer.json()["task_id"])


@pytest.fixture(scope="module")
def transcribed(shared_server, samples):
    item_id = shared_server.client.submit(
        samples.sentence(2).read_bytes(), name="short.wav", recipe="voicesync"
    )
    return shared_server, shared_server.client.wait_completed(item_id)


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))


def test_LAB_1_upload_is_answered_at_once_with_status_and_task_id(introduced):
    _, _, answer, _ = introduced

    assert answer.status == 200
    assert answer.json()["status"] == "uploaded"
    assert answer.json()["task_id"].startswith("itm_")


def test_LAB_1_bytes_lie_in_the_data_folder_when_the_answer_comes(make_server, samples):
    server = make_server(NO_WORK).start()
    content = samples.sentence().read_bytes()

    answer = server.client.upload_video(content)
    server.kill9()  # at once: what counts is what was there when the answer came

    assert answer.status == 200, answer
    assert server.parts() == []
    (blob,) = server.blobs().values()
    assert hashlib.sha256(blob.read_bytes()).hexdigest() == hashlib.sha256(content).hexdigest()
    assert re.fullmatch(r"[0-9a-f]{32}", blob.name), "the name is to be unguessable and without extension"
    assert server.verify() == []
    server.start()
    assert server.client.item(answer.json()["task_id"])["input"]["bytes"] == len(content)


def test_LAB_2_stages_and_fields_of_a_task(introduced):
    _, content, _, item = introduced

    assert [stage["name"] for stage in item["stages"]] == ["upload", "convert", "stt", "mistral", "llama"]
    assert {stage["state"] for stage in item["stages"]} == {"completed"}
    assert item["stage"] == "completed" and item["status"] == "completed"
    assert item["retry_count"] == 0 and item["error"] is None and item["owner"]
    assert item["input"]["name"] == "anna.mp4" and item["input"]["bytes"] == len(content)
    assert item["input"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert item["input"]["media_type"] == "video/mp4"
    assert item["input"]["duration_s"] == pytest.approx(15, abs=2)


def test_LAB_2_times_of_stages_follow_one_another(introduced):
    _, _, _, item = introduced
    last = ""
    for stage in item["stages"]:
        assert stage["attempts"] == 1, stage
        assert last <= stage["started_at"] <= stage["finished_at"], stage
        last = stage["finished_at"]


def test_VS_1_recording_in_transcript_out(transcribed):
    _, item = transcribed

    transcript = item["result"]["transcript"]
    assert {"recording", "city"} <= words_of(transcript["text"])
    assert transcript["language"] == "en"
    assert [stage["name"] for stage in item["stages"]] == ["upload", "convert", "stt"]


def test_VS_1_video_in_transcript_out(introduced):
    _, _, _, item = introduced
    heard = words_of(item["result"]["transcript"]["text"])
    assert len(WORDS_SPOKEN & heard) >= len(WORDS_SPOKEN) - 1, heard


def test_item_has_every_field_of_the_interface(introduced):
    _, _, _, item = introduced

    assert ITEM_FIELDS <= item.keys()
    assert INPUT_FIELDS <= item["input"].keys()
    for stage in item["stages"]:
        assert STAGE_FIELDS <= stage.keys()
    transcript = item["result"]["transcript"]
    assert {"language", "duration_s", "text", "segments", "gaps"} <= transcript.keys()
    for segment in transcript["segments"]:
        assert SEGMENT_FIELDS <= segment.keys()
        assert 0 <= segment["confidence"] <= 1
        assert 0 <= segment["start_s"] <= segment["end_s"] <= transcript["duration_s"] + 0.5


def test_words_have_times_inside_their_segment(introduced):
    _, _, _, item = introduced
    for segment in item["result"]["transcript"]["segments"]:
        assert segment["words"], segment
        starts = [word["start_s"] for word in segment["words"]]
        assert starts == sorted(starts)
        assert (
            segment["start_s"] - 0.5 <= starts[0] and segment["words"][-1]["end_s"] <= segment["end_s"] + 0.5
        )
        spoken = " ".join(word["text"] for word in segment["words"])
        assert words_of(spoken) == words_of(segment["text"])


def test_form_names_the_segments_that_its_fields_come_from(introduced):
    _, _, _, item = introduced
    transcript = item["result"]["transcript"]
    form = item["result"]["form"]

    assert {"name", "origin", "studies_or_work", "interests", "goals", "languages", "summary"} <= form.keys()
    for name, field in form.items():
        assert {"value", "segments"} <= field.keys()
        known = field["value"] not in (None, [], "")
        assert bool(field["segments"]) == known, (name, field)
        assert all(0 <= number < len(transcript["segments"]) for number in field["segments"])
    assert any(field["value"] for field in form.values()), "nothing at all was understood"


def test_rating_has_a_score_and_a_reason_for_each_criterion(introduced):
    _, _, _, item = introduced
    rating = item["result"]["rating"]

    assert 0 <= rating["score"] <= 10
    assert round(rating["score"], 1) == rating["score"], "one decimal"
    assert rating["criteria"]
    for criterion in rating["criteria"]:
        assert criterion["name"] and criterion["reason"].strip()
        assert 0 <= criterion["score"] <= 10
    mean = sum(one["score"] for one in rating["criteria"]) / len(rating["criteria"])
    assert rating["score"] == pytest.approx(mean, abs=0.051)


def test_no_speech_is_a_result_and_nothing_is_invented(shared_server, samples):
    item_id = shared_server.client.submit(samples.silence(3).read_bytes(), recipe="introductions")

    item = shared_server.client.wait(item_id)

    assert item["status"] == "completed", item["error"]
    assert item["result"]["transcript"]["text"] == ""
    assert item["result"]["transcript"]["segments"] == []
    assert all(not field["value"] for field in item["result"]["form"].values())
    assert item["result"]["rating"] is None or item["result"]["rating"].get("score") is None
    assert any("no speech" in warning for stage in item["stages"] for warning in stage["warnings"])


def test_LAB_3_my_videos_are_grouped_by_status(introduced, shared_server):
    groups = shared_server.client.json("/my-videos")
    server, _, answer, item = introduced

    assert {"completed", "processing", "failed", "pending"} <= groups.keys()
    (mine,) = [video for video in groups["completed"] if video["task_id"] == answer.json()["task_id"]]
    assert mine["file"] == "anna.mp4" and mine["status"] == "completed"
    score = item["result"]["rating"]["score"]
    assert re.fullmatch(r"\d+(\.\d)?/10", mine["rating"]) and float(mine["rating"].split("/")[0]) == score


def test_LAB_3_a_failed_one_is_among_the_failed(shared_server, samples):
    item_id = shared_server.client.submit(samples.mute_video().read_bytes(), name="mute.mp4")
    shared_server.client.wait(item_id)

    groups = shared_server.client.json("/my-videos")

    (mine,) = [video for video in groups["failed"] if video["task_id"] == item_id]
    assert "no sound track" in mine["error_message"]


def seconds(stamp: str) -> float:
    parts = [float(part) for part in stamp.replace(",", ".").split(":")]
    return sum(part * 60**power for power, part in enumerate(reversed(parts)))


@pytest.mark.parametrize("kind", ["srt", "vtt", "txt", "json"])
def test_VS_1_export_loses_nothing_and_is_ordered(introduced, kind):
    server, _, _, item = introduced

    answer = server.client.get(f"/api/v1/items/{item['id']}/transcript.{kind}")

    assert answer.status == 200
    assert f"anna.{kind}" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    text = answer.body.decode()
    if kind == "json":
        text = " ".join(segment["text"] for segment in json.loads(text)["segments"])
    assert words_of(item["result"]["transcript"]["text"]) <= words_of(text)
    if kind in ("srt", "vtt"):
        times = re.findall(r"([\d:.,]+) --> ([\d:.,]+)", text)
        assert len(times) >= len(item["result"]["transcript"]["segments"])
        marks = [seconds(start) for start, _ in times]
        assert marks == sorted(marks) and all(seconds(start) <= seconds(end) for start, end in times)
    assert (kind == "vtt") == text.startswith("WEBVTT")


def test_the_file_can_be_had_back_whole_and_in_part(introduced):
    server, content, _, item = introduced
    path = f"/api/v1/items/{item['id']}/media"

    whole = server.client.get(path)
    part = server.client.get(path, headers={"Range": "bytes=100-199"})
    beyond = server.client.get(path, headers={"Range": f"bytes={len(content)}-"})

    assert whole.status == 200 and whole.body == content
    assert whole.headers["content-disposition"].startswith("attachment")
    assert part.status == 206 and part.body == content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{len(content)}"
    assert beyond.status == 416 and beyond.code == "HF-REQ-10"


def test_LAB_5_results_and_rating_persist_over_restarts(make_server, samples):
    server = make_server().start()
    task = server.client.upload_video(samples.introduction().read_bytes()).json()["task_id"]
    before = server.client.wait_completed(task)

    server.restart()
    after_term = server.client.item(task)
    server.kill9()
    server.start()
    after_kill = server.client.item(task)

    assert before == after_term == after_kill
    (video,) = server.client.json("/my-videos")["completed"]
    assert video["rating"] == f"{before['result']['rating']['score']:g}/10"
    assert server.verify() == []


def test_openapi_describes_the_routes_that_are_used_here(shared_server):
    paths = shared_server.client.json("/openapi.json")["paths"]

    for path in (
        "/api/v1/items",
        "/api/v1/items/{id}",
        "/api/v1/items/{id}/audit",
        "/upload-video",
        "/my-videos",
    ):
        assert path in paths


@pytest.mark.parametrize("path", ["/health", "/livez", "/readyz"])
def test_health_answers(shared_server, path):
    assert shared_server.client.get(path).status == 200
