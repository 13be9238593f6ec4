"""Keys of the Workflow page in a real browser: after a click in the graph, and not while a user types into a field."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.screen import PATIENT, Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser


def shows(screen: Screen, node_id: str) -> None:
    """Wait until the sidebar shows the form of this node."""
    expect(screen.page.get_by_text(re.compile(rf"· node {node_id}\b")).first).to_be_visible(timeout=PATIENT)


def is_template(screen: Screen) -> None:
    """Wait until the draft is the template as it was opened."""
    expect(screen.page.get_by_text("template", exact=True).first).to_be_visible(timeout=PATIENT)


def opened(server: Server, visit: Visit) -> Screen:
    screen = visit(server, "Workflow")
    is_template(screen)
    return screen


def test_a_node_is_added_undone_redone_and_removed_with_keys_after_a_click_in_the_graph(
    server: Server, visit: Visit
) -> None:
    screen = opened(server, visit)
    page = screen.page
    screen.click_node(0, 0)
    shows(screen, "objective")
    page.keyboard.press("a")
    search = page.get_by_label("Search types of node")
    expect(search).to_be_focused(timeout=PATIENT)
    page.keyboard.type("r1 pen")
    expect(page.get_by_role("button", name="R1 / R2 penalty")).to_be_visible(timeout=PATIENT)
    page.keyboard.press("Enter")
    shows(screen, "r1_r2_penalty")
    expect(search).to_have_count(0, timeout=PATIENT)
    page.keyboard.press("Alt+z")
    is_template(screen)
    page.keyboard.press("Alt+y")
    shows(screen, "r1_r2_penalty")
    page.keyboard.press("Delete")
    is_template(screen)


def test_a_node_is_duplicated_copied_and_pasted_with_keys(server: Server, visit: Visit) -> None:
    screen = opened(server, visit)
    page = screen.page
    screen.click_node(-1, -1)
    shows(screen, "discriminator")
    page.keyboard.press("Control+d")
    shows(screen, "discriminator_2")
    page.keyboard.press("Control+c")
    expect(screen.button("Paste")).to_be_enabled(timeout=PATIENT)
    page.keyboard.press("Control+v")
    shows(screen, "discriminator_3")


def test_the_next_click_in_the_graph_picks_what_to_connect_and_escape_stops(server: Server, visit: Visit) -> None:
    screen = opened(server, visit)
    screen.click_node(1, -1)
    shows(screen, "generator")
    screen.page.keyboard.press("c")
    screen.says("Connecting Generator")
    screen.click_node(1, -2)
    screen.says("Generator and Noise are connected already.")
    screen.page.keyboard.press("Escape")
    screen.says("Click a node to edit it;")
    is_template(screen)


def test_nothing_typed_into_a_field_changes_the_graph(server: Server, visit: Visit) -> None:
    screen = opened(server, visit)
    page = screen.page
    for field in (page.get_by_role("textbox", name="Your name"), page.get_by_role("combobox", name=re.compile("Node"))):
        field.click()
        page.keyboard.type("accs")
        for key in ("Delete", "Control+d", "Control+c", "Control+v", "Alt+z"):
            page.keyboard.press(key)
        page.keyboard.press("Escape")
    page.wait_for_timeout(500)
    is_template(screen)
    expect(screen.button("Undo")).to_be_disabled()
    expect(screen.button("Paste")).to_be_disabled()
    expect(page.get_by_role("dialog")).to_have_count(0)
