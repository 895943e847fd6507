"""The page as a person sees it, in a real browser."""

import os
import re
from pathlib import Path

import pytest

from harness.browser import Browser
from harness.waiting import until

pytestmark = pytest.mark.page
XSS_NAME = "<img src=x onerror=\"document.title='owned'\">.wav"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Where screenshots go: HOLDFAST_SCREENSHOTS, or a scratch folder."""
    named = os.environ.get("HOLDFAST_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    made = Browser(tmp_path_factory.mktemp("browser"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def page(browser, shared_server, pictures):
    browser.open(shared_server.url + "/")
    browser.screenshot(pictures / "1-empty.png")
    return browser


def send(page, path: Path) -> None:
    page.choose_file("input[type=file]", path)
    page.ask(
        "(() => { const f = document.querySelector('input[type=file]').form; if (f && !window.hfAuto) "
        "{ const b = f.querySelector('button[type=submit],button:not([type])'); if (b) b.click(); } })()"
    )


def test_VS_2_the_page_loads(page, pictures):
    assert page.ask("document.title")
    assert page.ask("!!document.querySelector('input[type=file]')")
    assert page.console == []


def test_VS_2_LAB_5_a_recording_goes_the_whole_way_on_the_page(page, shared_server, samples, pictures):
    send(page, samples.introduction())
    item = until(lambda: next(iter(shared_server.client.items()), None), 30, why="the page sends the file")
    page.screenshot(pictures / "2-processing.png")
    shared_server.client.wait(item["id"])

    page.wait("/completed|finished|done|ready/i.test(document.body.innerText)", 30)
    page.screenshot(pictures / "3-completed.png")
    assert "introduction.wav" in page.text()


def test_VS_2_an_item_opens_with_its_transcript_form_and_rating(page, shared_server, pictures):
    page.ask("[...document.querySelectorAll('a')].find(a => a.innerText === 'introduction.wav').click()")

    page.wait("/anna keller/i.test(document.body.innerText)", 30)
    page.screenshot(pictures / "9-item.png")
    page.screenshot(pictures / "10-item-telephone.png", width=390, height=844)
    exports = page.ask("[...document.querySelectorAll('a[href*=\"/transcript.\"]')].map(a => a.href)")
    assert {address.rpartition(".")[2] for address in exports} >= {"srt", "vtt", "txt", "json"}
    page.ask("history.back()")
    page.wait("document.querySelector('#home') && !document.querySelector('#home').hidden", 30)


def test_LAB_5_a_failed_one_says_why_and_can_be_tried_again(page, shared_server, samples, pictures):
    item_id = shared_server.client.submit(
        samples.mute_video().read_bytes(), name="mute.mp4", recipe="introductions"
    )
    shared_server.client.wait(item_id)

    page.wait("document.body.innerText.includes('mute.mp4')", 30)
    page.wait("/no sound track/i.test(document.body.innerText)", 30)
    page.screenshot(pictures / "4-failed.png")
    assert page.ask("[...document.querySelectorAll('button')].some(b => /retry|again/i.test(b.innerText))")


def test_LAB_5_results_are_still_there_after_a_restart_and_a_reload(page, shared_server, pictures):
    item = next(one for one in shared_server.client.items() if one["input"]["name"] == "introduction.wav")
    page.open(shared_server.url + "/")
    page.wait("document.body.innerText.includes('introduction.wav')", 30)
    if item["rating"]:
        assert item["rating"] in page.text()


def test_FR_9_memories_and_action_items_have_a_button_that_plays_where_they_were_said(
    page, shared_server, samples, pictures
):
    item_id = shared_server.client.submit(samples.introduction().read_bytes(), recipe="memories", name="memo.wav")
    result = shared_server.client.wait_completed(item_id)["result"]
    page.ask(f"location.hash = '#/items/{item_id}'")

    page.wait("!!document.getElementById('memories') && !!document.getElementById('action_items')", 30)
    page.screenshot(pictures / "13-memories.png")
    found = result["memories"] + result["action_items"]
    assert found, "something of the introduction is remembered"
    shown = page.ask("[...document.querySelectorAll('ul.found > li')].map(li => [li.innerText, li.querySelectorAll('button.time').length])")
    assert [places for _, places in shown] == [len(one["segments"]) for one in found]
    assert all(one["text"] in text for one, (text, _) in zip(found, shown))
    last = result["transcript"]["segments"][found[-1]["segments"][-1]]["start_s"]
    page.ask("[...document.querySelectorAll('ul.found button.time')].pop().click()")
    assert page.ask("document.querySelector('audio').currentTime") == pytest.approx(last, abs=0.5)
    page.ask("location.hash = '#/'")


def test_FR_9_a_search_on_the_page_leads_to_the_second_in_the_recording(page, shared_server, pictures):
    page.wait("!document.getElementById('seek').hidden", 30)
    page.ask("(() => { document.getElementById('seek-words').value = 'Anna Keller'; document.getElementById('seek-form').requestSubmit(); })()")
    page.wait("document.querySelectorAll('#seek-found li a').length > 0", 30)
    page.screenshot(pictures / "14-search.png")
    assert "anna" in page.ask("document.querySelector('#seek-found li').innerText").lower()

    target = page.ask("document.querySelector('#seek-found li a').hash")
    page.ask("document.querySelector('#seek-found li a').click()")

    page.wait("!!document.querySelector('#detail audio')", 30)
    second = float(target.partition("@")[2])
    page.wait(f"Math.abs(document.querySelector('#detail audio').currentTime - {second}) < 0.5", 30)
    page.ask("location.hash = '#/'")
    page.ask("(() => { document.getElementById('seek-words').value = '***'; document.getElementById('seek-form').requestSubmit(); })()")
    page.wait("document.querySelectorAll('#seek-found li').length === 0 && !!document.querySelector('#seek-found p')", 30)
    page.ask("document.getElementById('seek-found').replaceChildren()")


def test_FG_2_a_recording_is_sent_for_its_transcript_alone_and_the_rest_is_had_by_a_click(
    page, shared_server, samples, pictures
):
    chosen = """(() => {
      const choose = (id, value) => {
        const field = document.getElementById(id);
        field.value = value;
        field.dispatchEvent(new Event("change"));
      };
      choose("recipe", "introductions");
      const offered = [...document.getElementById("mode").options].map((option) => option.value);
      choose("mode", "transcript");
      return document.getElementById("mode-field").hidden ? [] : offered;
    })()"""
    page.wait("document.querySelector('#recipe').options.length > 0", 30)
    assert page.ask(chosen) == ["full", "form", "transcript"], "what memory decides is not offered"
    path = samples.sentence(6)
    send(page, path)
    item = until(
        lambda: next((i for i in shared_server.client.items() if i["input"]["name"] == path.name), None), 30
    )
    done = shared_server.client.wait_completed(item["id"])
    assert done["mode"] == "transcript" and "form" not in done["result"]

    page.ask(f"location.hash = '#/items/{item['id']}'")
    page.wait("!!document.querySelector('[data-act=rest]')", 30)
    page.screenshot(pictures / "12-the-rest.png")
    page.ask("document.querySelector('[data-act=rest]').click()")
    until(lambda: shared_server.client.item(item["id"])["requested_mode"] == "full", 30)
    assert shared_server.client.wait_completed(item["id"])["result"]["rating"] is not None
    page.wait("!document.querySelector('[data-act=rest]')", 30)
    page.ask("location.hash = '#/'")
    page.wait("document.querySelector('#home') && !document.querySelector('#home').hidden", 30)


def test_a_name_that_is_html_stays_text(page, shared_server, samples, pictures):
    shared_server.client.submit(samples.silence(1).read_bytes(), name=XSS_NAME)

    page.wait("document.body.innerText.includes('<img src=x')", 30)
    page.screenshot(pictures / "5-html-name.png")

    assert page.ask("document.title") != "owned"
    assert page.ask("document.querySelectorAll('img[src=x]').length") == 0


def test_VS_9_an_item_says_how_long_its_file_is_kept(page, shared_server, samples, pictures):
    item_id = shared_server.client.submit(samples.silence(1).read_bytes(), name="a day.wav", recipe="voicesync")
    shared_server.client.wait_completed(item_id)

    page.ask(f"location.hash = '#/items/{item_id}'")

    page.wait("/The file is kept until/.test(document.body.innerText)", 30)
    page.screenshot(pictures / "11-kept-until.png")
    page.ask("history.back()")
    page.wait("document.querySelector('#home') && !document.querySelector('#home').hidden", 30)


def test_VS_2_no_request_leaves_the_origin(page, shared_server):
    outside = [
        url for url in page.requests if not url.startswith((shared_server.url, "data:", "blob:", "about:"))
    ]
    assert outside == [] and page.requests
    policy = shared_server.client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert "unsafe-inline" not in policy and "unsafe-eval" not in policy


def test_the_page_is_small(shared_server):
    page = shared_server.client.get("/").body.decode()
    sizes = {}
    for address in re.findall(r'(?:src|href)="(/[^"]+\.(?:js|css))"', page):
        sizes[address] = len(shared_server.client.get(address).body)
    assert sum(size for name, size in sizes.items() if name.endswith(".js")) < 45_000
    assert sum(size for name, size in sizes.items() if name.endswith(".css")) < 12_000


def test_the_page_fits_a_telephone_and_the_dark(page, pictures):
    page.screenshot(pictures / "6-telephone.png", width=390, height=844)
    assert page.ask(
        "document.documentElement.scrollWidth <= window.innerWidth"
    ), "nothing sticks out to the right"
    page.screenshot(pictures / "7-dark.png", scheme="dark")
    page.screenshot(pictures / "8-light.png")
