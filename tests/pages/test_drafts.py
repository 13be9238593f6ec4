"""Drafts on the Workflow page: nothing that was edited is lost, and nothing is kept that was only opened."""

import json
import shutil

import pytest
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

from pipeline.graph import document
from pipeline.runs import drafts
from pipeline.studio import drafts as studio_drafts
from pipeline.studio import workflows
from tests.pages.conftest import Browser

WORKFLOW = "pages/1_Workflow.py"


@pytest.fixture
def home(shared_home):
    """The home of this file's tests, without drafts and saved workflows."""
    for name in ("drafts", "workflows"):
        place = shared_home / name
        place.unlink() if place.is_file() else shutil.rmtree(place, ignore_errors=True)
    return shared_home


@pytest.fixture
def new_browser(home):
    return lambda **address: Browser().open(WORKFLOW, **address)


def draft(browser):
    return browser.app.session_state["draft"]


def address(browser):
    return dict(browser.app.query_params)


def set_number(browser, key, value):
    browser.app.number_input(key=f"field {key}").set_value(value)
    return browser.look()


def select(browser, node):
    browser.app.selectbox(key="selected_node").set_value(node)
    return browser.look()


def edited(browser, size=128):
    return set_number(select(browser, "training"), "training.batch_size", size)


def said(browser):
    return "\n".join(element.value for element in (*browser.app.warning, *browser.app.error)).replace("\\", "")


def test_an_edited_draft_is_in_the_address_and_comes_back_in_a_new_session_with_everything(new_browser, home):
    first = edited(new_browser(template="wgan-gp"))
    set_number(first, "training.batch_size", 32)
    first.click("undo")
    select(first, "objective")
    assert address(first) == {"draft": draft(first).id}

    second = new_browser(**address(first))
    assert draft(second) == draft(first)
    assert draft(second).selected == "objective" and draft(second).state == "draft"
    assert second.click("redo").app.session_state["draft"].workflow.nodes["training"].inputs["batch_size"] == 32
    second.click("undo"), second.click("undo")
    assert draft(second).state == "template" and second.title == r"wgan\-gp"


@pytest.mark.parametrize("times", [1, 2])
def test_an_edit_is_done_and_kept_once_if_the_browser_asks_for_another_page_run_meanwhile(
    new_browser, home, monkeypatch, times
):
    keep = studio_drafts.keep

    def interrupted(*args, **options):
        kept = keep(*args, **options)
        asked = get_script_run_ctx()
        asked.script_requests.request_rerun(
            RerunData(query_string=asked.query_string, page_script_hash=asked.page_script_hash)
        )
        return kept

    browser = new_browser(template="wgan-gp")
    select(browser, "noise")
    with monkeypatch.context() as patch:
        patch.setattr(studio_drafts, "keep", interrupted)
        for _ in range(times):
            browser.click("duplicate")
    assert f"noise_{times + 1}" in draft(browser).workflow.nodes
    assert [record.version for record in drafts.drafts(home)[0]] == [draft(browser).version] == [times]
    assert said(browser) == ""


def test_a_workflow_that_was_only_opened_is_not_kept_but_is_in_the_address(new_browser, home):
    workflows.save(home, workflows.open_template("vae"), "mine")
    browser = new_browser(template="wgan-gp")
    select(browser, "noise")
    assert address(browser) == {"template": "wgan-gp"}
    assert address(new_browser(saved="mine")) == {"saved": "mine"}
    assert address(new_browser()) == {}
    assert drafts.drafts(home) == ([], [])


def test_a_file_from_elsewhere_is_kept_at_once(new_browser, home):
    browser = new_browser()
    browser.app.session_state.open_menu = True
    browser.look()
    content = document.write(workflows.open_template("vae")).encode()
    browser.app.file_uploader(key="workflow_file").set_value([("vae.json", content, "application/json")])
    browser.look()
    assert draft(new_browser(**address(browser))).workflow == draft(browser).workflow
    assert "draft" in address(browser)


def test_a_bare_visit_continues_the_draft_of_the_session(new_browser):
    browser = edited(new_browser())
    id_before = draft(browser).id
    browser.open("Home.py").open(WORKFLOW)
    assert draft(browser).id == id_before and address(browser) == {"draft": id_before}


def test_opening_another_workflow_leaves_the_draft_and_undo_returns_to_a_copy(new_browser, home):
    browser = edited(new_browser())
    before = draft(browser)
    browser.open("Home.py").open(WORKFLOW, template="vae")
    assert (browser.title, draft(browser).id) == ("vae", "")
    browser.click("undo")
    assert draft(browser).workflow == before.workflow
    edited(browser, 16)
    assert draft(browser).id not in ("", before.id)
    assert draft(new_browser(draft=before.id)).workflow == before.workflow


def test_saving_keeps_the_draft_and_never_writes_a_saved_file_by_itself(new_browser, home):
    browser = edited(new_browser())
    browser.click("save")
    saved = workflows.open_saved(home, "dcgan")
    set_number(browser, "training.batch_size", 16)
    assert workflows.open_saved(home, "dcgan") == saved
    again = new_browser(**address(browser))
    assert draft(again) == draft(browser) and draft(again).saved_as("dcgan") == saved


def test_two_tabs_with_one_draft_keep_both_versions_and_say_so_once(new_browser, home):
    first = edited(new_browser())
    second = new_browser(**address(first))
    set_number(first, "training.batch_size", 16)
    # Looking elsewhere is no change that would need a draft of its own.
    select(second, "data")
    assert address(second) == address(first)
    edited(second, 48)
    assert "also changed in another tab" in said(second)
    assert address(second) != address(first)
    assert said(second.look()) == ""
    sizes = {
        draft(new_browser(**address(each))).workflow.nodes["training"].inputs["batch_size"] for each in (first, second)
    }
    assert sizes == {16, 48}


@pytest.mark.parametrize("hostile", ["../../etc/passwd", "0" * 12, "0" * 50_000, "[x](http://x)", "\0"])
def test_an_unknown_draft_is_refused_with_a_sentence(new_browser, home, hostile):
    browser = new_browser(draft=hostile)
    assert "There is no draft" in said(browser) and len(said(browser)) < 300
    assert browser.title == "dcgan" and address(browser) == {}


def test_a_damaged_draft_is_refused_and_left_as_it_is(new_browser, home):
    told = address(edited(new_browser()))
    file = home / "drafts" / f"{told['draft']}.json"
    file.write_text("{")
    assert "its file is damaged" in said(new_browser(**told))
    assert file.read_text() == "{"


def test_where_nothing_can_be_written_the_draft_stays_in_the_session_and_this_is_said_once(new_browser, home):
    (home / "drafts").write_text("in the way")
    browser = edited(new_browser())
    assert "kept only while this page is open" in said(browser) and "cannot be written" in said(browser)
    set_number(browser, "training.batch_size", 16)
    assert said(browser) == "" and address(browser) == {}
    assert draft(browser).workflow.nodes["training"].inputs["batch_size"] == 16
    (home / "drafts").unlink()
    set_number(browser, "training.batch_size", 32)
    assert draft(new_browser(**address(browser))) == draft(browser)


def test_a_new_session_offers_the_last_draft_of_this_browser_in_one_line(new_browser, home):
    kept = draft(edited(new_browser()))
    browser = Browser()
    browser.app.session_state.browser_memories = {"draft": kept.id}
    browser.open(WORKFLOW)
    assert "Continue your draft **dcgan**? :small[1 edit, changed " in browser.words
    assert draft(browser).state == "template"
    browser.click("continue_draft")
    assert draft(browser) == kept and address(browser) == {"draft": kept.id}
    assert "Continue your draft" not in browser.words

    another = Browser()
    another.app.session_state.browser_memories = {"draft": kept.id}
    another.open(WORKFLOW).click("leave_draft")
    assert "Continue your draft" not in another.words and address(another) == {}


def test_an_offered_draft_whose_edits_were_undone_or_saved_does_not_count_them(new_browser, home):
    kept = draft(edited(new_browser()).click("undo"))
    browser = Browser()
    browser.app.session_state.browser_memories = {"draft": kept.id}
    assert "Continue your draft **dcgan**? :small[changed " in browser.open(WORKFLOW).words


def test_an_address_may_name_the_node_to_select(new_browser):
    assert draft(new_browser(template="wgan-gp", node="noise")).selected == "noise"
    assert "has no node 'nothing'" in said(new_browser(template="wgan-gp", node="nothing"))


def test_why_an_address_was_refused_is_still_there_when_the_browser_has_reported_its_size(new_browser):
    browser = new_browser(saved="nope")
    assert "No workflow is saved under the name 'nope'." in said(browser) and address(browser) == {}
    browser.app.run()
    assert "No workflow is saved under the name 'nope'." in said(browser)
    browser.app.session_state.address_refused = ("…", -100.0)
    browser.app.run()
    assert said(browser) == ""


def test_a_value_that_undo_has_just_replaced_is_no_edit_if_the_browser_still_sends_it(new_browser):
    browser = new_browser(template="wgan-gp")
    select(browser, "noise")
    for title in ("One", "Two", "Three"):
        browser.app.text_input(key="title noise").set_value(title)
        browser.look()
    browser.click("undo")
    browser.app.text_input(key="title noise").set_value("Three")
    browser.click("undo")
    assert draft(browser).workflow.nodes["noise"].title == "One"
    assert [step.nodes["noise"].title for step in draft(browser).history.future] == ["Two", "Three"]
    browser.app.text_input(key="title noise").set_value("Four")
    assert draft(browser.look()).workflow.nodes["noise"].title == "Four"


def test_a_draft_of_a_run_that_is_gone_is_opened_as_a_workflow(new_browser, home):
    first = edited(new_browser(template="wgan-gp"))
    content = drafts.read(home, draft(first).id)[1]
    content["opened"] = [[place, "20200101-000000-deadbeef", True] for place, _, _ in content["opened"]]
    drafts.write(home, drafts.DraftRecord(draft(first).id, draft(first).version), json.dumps(content))
    second = new_browser(draft=draft(first).id)
    assert draft(second).workflow == draft(first).workflow and second.has("start_run")
