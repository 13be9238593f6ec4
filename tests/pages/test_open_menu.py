"""The Open menu: saved workflows are renamed and deleted, drafts opened and deleted, and a long list is searched."""

import pytest

from pipeline.runs import drafts
from pipeline.studio import workflows
from tests.pages.test_workflow import draft, open_menu, opened, select, sound, words


@pytest.fixture
def page(home):
    return opened()


def test_a_saved_workflow_is_renamed_and_the_draft_follows(page, home):
    workflows.save(home, workflows.open_template("vae"), "taken")
    sound(page.button(key="save").click().run())
    select(page, "noise")
    sound(open_menu(page).button(key="rename dcgan").click().run())
    page.text_input(key="new_workflow_name").set_value("taken")
    sound(page.button(key="rename").click().run())
    assert "'taken' already exists" in words(page)
    page.text_input(key="new_workflow_name").set_value("digits")
    sound(page.button(key="rename").click().run())
    assert sorted(workflows.saved_names(home)) == ["digits", "taken"]
    assert (page.title[0].value, draft(page).state, draft(page).selected) == ("digits", "saved", "noise")
    assert workflows.open_saved(home, "taken").nodes == workflows.open_template("vae").nodes


def test_a_draft_whose_saved_workflow_is_deleted_is_kept_as_a_draft(page, home):
    sound(page.button(key="save").click().run())
    sound(open_menu(page).button(key="delete dcgan").click().run())
    assert draft(page).state == "file" and "saved" not in [each.label for each in page.get("badge")]
    assert [record.id for record in drafts.drafts(home)[0]] == [draft(page).id]


def test_what_is_deleted_in_the_menu_can_be_restored(page, home):
    saved = workflows.save(home, workflows.open_template("vae"), "mine")
    sound(open_menu(page).button(key="delete mine").click().run())
    assert workflows.saved_names(home) == [] and "Deleted mine" in "\n".join(each.value for each in page.caption)
    sound(page.button(key="restore_workflow").click().run())
    assert workflows.open_saved(home, "mine") == saved

    select(page, "training")
    sound(page.number_input(key="field training.batch_size").set_value(128).run())
    kept = draft(page)
    sound(page.button(key=f"delete draft {kept.id}").click().run())
    assert drafts.drafts(home) == ([], [])
    sound(page.button(key="restore_workflow").click().run())
    assert kept.id in [record.id for record in drafts.drafts(home)[0]]


def test_a_draft_is_opened_from_the_menu_which_shows_who_edited_it(page, home):
    page.text_input(key="who").set_value("Ada")
    sound(page.number_input(key="field data.image_size").set_value(32).run())
    kept = draft(page)
    sound(open_menu(page).button(key="template vae").click().run())
    button = open_menu(page).button(key=f"draft {kept.id}")
    assert "Ada · just now · 1 edit" in button.label
    sound(button.click().run())
    assert draft(page) == kept
    assert open_menu(page).button(key=f"draft {kept.id}").disabled


def test_a_long_menu_is_searched(page, home):
    for number in range(6):
        workflows.save(home, workflows.open_template("vae"), f"petals {number}")
    sound(open_menu(page).text_input(key="open_search").set_value("PETALS 3").run())
    keys = [button.key for button in page.button]
    assert "saved petals 3" in keys and "saved petals 2" not in keys and "template vae" not in keys
