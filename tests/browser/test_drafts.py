"""Drafts in a real browser and a real server: a reload, a closed tab and a killed server lose nothing."""

import re
import signal

import pytest
from playwright.sync_api import expect

from pipeline.runs import drafts
from pipeline.studio.drafts import open_draft
from tests.browser.screen import Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def set_batch_size(screen: Screen, size: int) -> None:
    field = screen.page.get_by_label(re.compile("^Batch size"))
    field.fill(str(size))
    field.press("Enter")


def select_training(screen: Screen) -> None:
    choice = screen.page.locator(".st-key-selected_node input")
    choice.fill("Training")
    choice.press("Enter")


def batch_size(screen: Screen) -> str:
    field = screen.page.get_by_label(re.compile("^Batch size"))
    field.wait_for()
    return field.input_value()


def test_a_reload_a_closed_tab_and_a_killed_server_lose_no_draft(own_server: Server, visit: Visit) -> None:
    screen = visit(own_server, "Workflow?template=mlp-gan")
    screen.says("mlp-gan")
    select_training(screen)
    set_batch_size(screen, 48)
    screen.page.wait_for_url(re.compile(r"draft=[0-9a-f]{12}$"))
    draft_id = screen.page.url.rpartition("=")[2]
    set_batch_size(screen, 80)
    expect(screen.button("Undo")).to_be_enabled()

    screen.page.reload()
    assert batch_size(screen) == "80"

    screen.press("Undo")
    expect(screen.page.get_by_label(re.compile("^Batch size"))).to_have_value("48")
    expect(screen.button("Redo")).to_be_enabled()
    own_server.end(signal.SIGKILL)
    kept = open_draft(own_server.home, draft_id)
    assert kept.workflow.nodes["training"].inputs["batch_size"] == 48 and len(kept.history.future) == 1
    own_server.start()

    # The tab was closed: its address brings everything back, and its browser offers it where the address is bare.
    another = Screen(screen.page.context.new_page(), own_server.url)
    another.open(f"Workflow?draft={draft_id}")
    assert batch_size(another) == "48"
    another.press("Redo")
    expect(another.page.get_by_label(re.compile("^Batch size"))).to_have_value("80")
    another.open("Workflow")
    another.says("Continue your draft")
    another.press("Continue")
    another.page.wait_for_url(re.compile(f"draft={draft_id}$"))
    assert batch_size(another) == "80"
    assert [record.id for record in drafts.drafts(own_server.home)[0]] == [draft_id]


@pytest.mark.parametrize("width", [1024, 1280, 1920])
def test_the_toolbar_is_one_row_whatever_the_name(server: Server, visit: Visit, width: int) -> None:
    screen = visit(server)
    screen.page.set_viewport_size({"width": width, "height": 900})
    screen.open("Workflow?template=conditional-dcgan")
    screen.button("Start run").first.wait_for()
    screen.page.wait_for_function("document.querySelectorAll('.st-key-start_run').length == 1")
    if width < 1180:
        # The first paint assumes a wider window. Until the page knows this one, the buttons are beside the title.
        below = "document.querySelector('h1').getBoundingClientRect().bottom"
        screen.page.wait_for_function(
            f"document.querySelector('.st-key-workflow_bar').getBoundingClientRect().top >= {below}"
        )
    bar = screen.page.locator(".st-key-workflow_bar")
    boxes = [bar.get_by_role("button", name=name).bounding_box() for name in ("Open", "Save", "Undo", "Redo", "Start")]
    assert len({round(box["y"]) for box in boxes if box}) == 1
    assert all(box and box["x"] > 300 and box["x"] + box["width"] <= width for box in boxes)
