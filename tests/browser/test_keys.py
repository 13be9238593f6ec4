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


def test_the_graph_is_edited_with_keys_after_clicks_in_it(server: Server, visit: Visit) -> None:
    screen = visit(server, "Workflow")
    page = screen.page
    is_template(screen)
    screen.click_node(0, 0)
    shows(screen, "objective")

    # Add: A, type, Enter.
    page.keyboard.press("a")
    search = page.get_by_label("Search types of node")
    expect(search).to_be_focused(timeout=PATIENT)
    page.keyboard.type("r1 pen")
    expect(page.get_by_role("button", name="R1 / R2 penalty")).to_be_visible(timeout=PATIENT)
    page.keyboard.press("Enter")
    shows(screen, "r1_r2_penalty")
    expect(search).to_have_count(0, timeout=PATIENT)

    # Undo and redo select what they change.
    page.keyboard.press("Alt+z")
    is_template(screen)
    page.keyboard.press("Alt+y")
    shows(screen, "r1_r2_penalty")
    page.keyboard.press("Delete")
    is_template(screen)

    # Duplicate, copy and paste.
    screen.click_node(-1, -1)
    shows(screen, "discriminator")
    page.keyboard.press("Control+d")
    shows(screen, "discriminator_2")
    page.keyboard.press("Delete")
    is_template(screen)
    screen.click_node(-1, -1)
    shows(screen, "discriminator")
    page.keyboard.press("Control+c")
    expect(screen.button("Paste")).to_be_enabled(timeout=PATIENT)
    page.keyboard.press("Control+v")
    shows(screen, "discriminator_2")
    page.keyboard.press("Alt+z")
    is_template(screen)

    # Connect: the next click picks the other node; Escape stops.
    screen.click_node(1, -1)
    shows(screen, "generator")
    page.keyboard.press("c")
    screen.says("Connecting Generator")
    screen.click_node(1, -2)
    screen.says("Generator and Noise are connected already.")
    page.keyboard.press("Escape")
    screen.says("Click a node to edit it.")
    is_template(screen)


def test_nothing_typed_into_a_field_changes_the_graph(server: Server, visit: Visit) -> None:
    screen = visit(server, "Workflow")
    page = screen.page
    is_template(screen)
    for field in (page.get_by_label("Your name"), page.get_by_role("combobox", name=re.compile("Node"))):
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
