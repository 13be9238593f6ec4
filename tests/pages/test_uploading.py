import io

import numpy as np
import pytest

from pipeline.data.files.opening import UPLOADS
from pipeline.data.uploads import remove, uploads
from pipeline.studio import workflows
from pipeline.studio.data.data_nodes import replace_data
from pipeline.studio.data.datasets import DataChoice
from tests.data.files.pictures import noise, png
from tests.pages.data_page import DATA, PHOTOS, drafted, numbers, settled, upload, zipped


@pytest.fixture
def page(drawer, browser):
    return settled(browser.open(DATA))


@pytest.fixture(autouse=True)
def _no_uploads(shared_home):
    """Delete all uploads after each test."""
    yield
    for each in uploads(shared_home):
        remove(each.name, shared_home)


def test_an_uploaded_zip_is_saved_chosen_and_reported_on(page, shared_home):
    upload(page, ("photos.zip", PHOTOS))
    assert [each.name for each in uploads(shared_home)] == ["photos.zip"]
    assert page.app.selectbox(key="data_set").value == "upload photos.zip"
    found = numbers(page)
    assert (found["Images"], found["Classes"], found["Duplicates"], found["Left out"]) == ("13", "2", "1", "2")
    assert "2 files are left out" in page.words
    assert page.table("Reason")["File"].tolist() == ["cat/empty.jpg", "dog/broken.png"]
    assert page.table("Names")["Images"].tolist() == [2]
    assert page.table("Height×width")["Images"].sum() == 13
    # The broken file is shown among the other images, with the reason.
    assert "it is not a picture in a known format" in page.words


def test_a_refused_upload_shows_an_error_and_leaves_nothing(page, shared_home):
    upload(page, ("evil.zip", zipped(**{"../evil.png": png()})), ("photos.zip", PHOTOS), ("text.zip", b"text"))
    assert "'evil.zip' cannot be used: its entry '../evil.png' leads out of the zip" in page.errors
    assert "'text.zip' cannot be used: its name ends in .zip, but its content is" in page.errors
    assert [path.name for path in (shared_home / UPLOADS).iterdir()] == ["photos.zip"]
    assert not list(shared_home.rglob("evil.png"))
    assert page.look().errors == ""


def test_single_images_become_a_folder(page, shared_home):
    upload(page, ("1.png", png()), ("2.png", png(seed=1)), folder="cats")
    assert (shared_home / UPLOADS / "cats").is_dir()
    assert numbers(page)["Images"] == "2" and numbers(page)["Classes"] == "none"
    assert "There are no labels" in page.words
    assert len(page.app.get("vega_lite_chart")) == 1


def test_replacing_an_upload_needs_confirmation(page, another_browser, shared_home):
    upload(page, ("photos.zip", PHOTOS))
    other = settled(another_browser.open(DATA))
    upload(other, ("photos.zip", zipped(**{"1.png": png()})))
    assert "There is already an upload named photos.zip" in other.words
    assert numbers(settled(page.look()))["Images"] == "13"
    settled(other.click("replace_upload"))
    assert numbers(other)["Images"] == "1"
    assert numbers(settled(page.look()))["Images"] == "1"


def test_before_an_upload_is_deleted_its_users_are_named(page, another_browser, shared_home):
    upload(page, ("photos.zip", PHOTOS))
    mine = replace_data(workflows.open_template("dcgan"), DataChoice("photos.zip", 28)).workflow
    workflows.save(shared_home, mine, "mine")
    other = settled(another_browser.open(DATA))
    page.click("delete photos.zip")
    assert "Delete **photos.zip** permanently? The saved workflow mine uses it." in page.words
    page.click("keep_it")
    assert uploads(shared_home)
    page.click("delete photos.zip")
    settled(page.click("confirm_delete"))
    assert not uploads(shared_home)
    assert page.app.selectbox(key="data_set").value == "draft"
    assert "No uploads yet. Upload a zip" in page.words
    # The other browser still lists the upload, and its user may click it.
    other.click("choose photos.zip")
    assert not other.app.exception and other.app.selectbox(key="data_set").value == "draft"


def test_using_a_set_in_the_workflow_adapts_the_generator_and_can_be_undone(page):
    before = drafted(page)
    upload(page, ("photos.zip", zipped(**{f"{n}.png": png(40, 40, seed=n) for n in range(80)})))
    assert page.has("use_data")
    page.click("use_data")
    node = drafted(page).nodes["data"]
    assert (node.class_type, node.inputs["source"]) == ("ImageFiles", "photos.zip")
    assert "Changed to fit it: Generator image size 32, channels 3." in page.words
    assert not page.has("use_data")
    assert any(link.proto.page == "Workflow" for link in page.app.page_link)
    page.open("pages/1_Workflow.py")
    assert not page.app.button(key="start_run").disabled
    page.click("undo")
    assert drafted(page) == before


def test_remaining_problems_of_the_workflow_are_counted(page):
    upload(page, ("few.zip", zipped(**{f"{n}.png": png(seed=n) for n in range(9)})))
    assert "It has 1 problem to correct" in page.click("use_data").words


def test_names_from_a_file_are_not_rendered_as_markdown(page):
    stream = io.BytesIO()
    np.savez(stream, images=noise(9, 8, 8).transpose(0, 1, 2)[..., :1].repeat(8, -1), labels=np.array([":red[x]"] * 9))
    upload(page, ("![x](y).npz", stream.getvalue()))
    assert not any("![x](" in text or ":red[x]" in text for text in page.markdown)
