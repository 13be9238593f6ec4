import io
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pages.components import state
from pipeline.data.files.opening import UPLOADS
from pipeline.data.named import read_named
from pipeline.data.uploads import remove, uploads
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.studio import workflows
from pipeline.studio.data_nodes import use_in
from pipeline.studio.datasets import DataChoice
from tests.data.files.pictures import noise, png, write

DATA = "pages/7_Data.py"


@pytest.fixture(scope="module", autouse=True)
def _drawer(shared_home, wait_for):
    handle = state.drawer()
    wait_for(lambda: handle.snapshot.engine == "ready", 60)


@pytest.fixture
def page(browser):
    return settled(browser.open(DATA))


@pytest.fixture(autouse=True)
def _no_uploads(shared_home):
    """Each test begins with an empty shelf."""
    yield
    for upload in uploads(shared_home):
        remove(upload.name, shared_home)


def settled(browser, tries=40):
    """The page once its set has been read; AppTest runs no fragment by itself."""
    for _ in range(tries):
        if not browser.has("stop_reading"):
            return browser
        browser.look()
    raise AssertionError("the set is still being read")


def choose(browser, option):
    browser.app.selectbox(key="data_set").set_value(option)
    return settled(browser.look())


def field(browser, kind, label):
    return next(widget for widget in browser.app.get(kind) if widget.label == label)


def numbers(browser):
    return {metric.label: metric.value for metric in browser.app.metric}


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


PHOTOS = zipped(
    **{f"cat/{n}.png": png(20 + n, 30, seed=n) for n in range(6)},
    **{f"dog/{n}.png": png(20 + n, 30, seed=10 + n) for n in range(6)},
    **{"dog/again.png": png(20, 30, seed=10), "dog/broken.png": b"broken", "cat/empty.jpg": b""},
)  # fmt: skip


def upload(browser, *files, folder=None):
    browser.app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files])
    browser.look()
    if folder:
        browser.app.text_input(key="upload_folder").set_value(folder)
    return settled(browser.click("keep_upload"))


def drafted(browser):
    return browser.app.session_state["draft"].workflow


def test_the_workflows_own_data_is_shown_first(page, shared_home):
    assert page.title == "Data"
    assert page.app.selectbox(key="data_set").value == "draft"
    assert numbers(page) == {
        "Images": "5,000", "To learn from": "4,500", "Held out": "500", "Classes": "10", "Prepared": "1×28×28",
        "Duplicates": "0", "Broken": "0",
    }  # fmt: skip
    specs = [chart.proto.spec for chart in page.app.get("vega_lite_chart")]
    assert ["Images of each class" in specs[0], "Values of the prepared pixels" in specs[1]] == [True, True]
    mean = read_named("mnist-5k", shared_home).pixels.mean() / 255
    assert page.table("Channel")["Mean"].tolist() == [f"{mean:.4f}"]
    assert page.table("Mode").to_dict("list") == {"Mode": ["L"], "Images": [5000]}
    assert len(page.app.image) == 12
    assert not page.has("use_data")


def test_another_image_size_is_another_report_and_is_drawn_at_once_for_the_next_browser(page, another_browser):
    field(page, "number_input", "Image size").set_value(32)
    assert numbers(settled(page.look()))["Prepared"] == "1×32×32"
    assert page.has("use_data")
    other = another_browser.open(DATA)
    field(other, "number_input", "Image size").set_value(32)
    assert numbers(other.look())["Prepared"] == "1×32×32"


def test_images_are_paged_and_augmented_anew(page):
    def pictures():
        return [image.value[0] for image in page.app.image]

    first = pictures()
    page.click("draw_again")
    again = pictures()
    assert again != first
    for name in ("rotate", "scale", "translate"):
        page.app.number_input(key=f"augment {name}").set_value(0.0)
    assert "augmented (not at all)" in page.look().words
    still = pictures()
    page.click("draw_again")
    assert pictures() == still != again


def test_the_workflows_augmentations_are_shown_where_it_has_some(page):
    workflow, node_id = edit.insert_node(drafted(page), "Augment", "data", NODES)
    workflow = edit.apply_settings(workflow, [f"{node_id}.rotate=45", f"{node_id}.noise=0.25"], NODES)
    draft = page.app.session_state["draft"]
    page.app.session_state["draft"] = replace(draft, history=draft.history.push(workflow))
    assert "rotate 45, scale 0.1, translate 0.08, noise 0.25" in page.look().words
    assert not [box for box in page.app.number_input if str(box.key).startswith("augment ")]


def test_a_set_that_would_have_to_be_downloaded_is_not_until_somebody_says_so(page):
    choose(page, "set cifar-10")
    assert "50,000 images to learn from" in page.words and "It is not on this machine yet" in page.words
    assert page.has("read_set") and not page.app.metric and not page.app.image
    assert not state.drawer().snapshot.readings
    # It can be used all the same: it is downloaded when a run is started.
    assert page.has("use_data")


def test_an_uploaded_zip_is_kept_chosen_and_reported_on(page, shared_home):
    upload(page, ("photos.zip", PHOTOS))
    assert [each.name for each in uploads(shared_home)] == ["photos.zip"]
    assert page.app.selectbox(key="data_set").value == "upload photos.zip"
    found = numbers(page)
    assert (found["Images"], found["Classes"], found["Duplicates"], found["Broken"]) == ("13", "2", "1", "2")
    assert "2 files cannot be read and are left out" in page.words
    assert page.table("Reason")["File"].tolist() == ["cat/empty.jpg", "dog/broken.png"]
    assert page.table("Names")["Images"].tolist() == [2]
    assert page.table("Height×width")["Images"].sum() == 13
    # Shown where it lies among the others, with its reason.
    assert "it is no picture of a known format" in page.words


def test_what_is_refused_is_said_and_leaves_nothing(page, shared_home):
    upload(page, ("evil.zip", zipped(**{"../evil.png": png()})), ("photos.zip", PHOTOS), ("text.zip", b"text"))
    assert "'evil.zip' cannot be used: its entry '../evil.png' leads out of the zip" in page.errors
    assert "'text.zip' cannot be used: it is called .zip, but it is none" in page.errors
    assert [path.name for path in (shared_home / UPLOADS).iterdir()] == ["photos.zip"]
    assert not list(shared_home.rglob("evil.png"))
    assert page.look().errors == ""


def test_single_images_become_a_folder_of_their_own(page, shared_home):
    upload(page, ("1.png", png()), ("2.png", png(seed=1)), folder="cats")
    assert (shared_home / UPLOADS / "cats").is_dir()
    assert numbers(page)["Images"] == "2" and numbers(page)["Classes"] == "none"
    assert "There are no labels" in page.words
    assert len(page.app.get("vega_lite_chart")) == 1


def test_an_upload_of_somebody_else_is_replaced_only_knowingly(page, another_browser, shared_home):
    upload(page, ("photos.zip", PHOTOS))
    other = settled(another_browser.open(DATA))
    upload(other, ("photos.zip", zipped(**{"1.png": png()})))
    assert "There is an upload named photos.zip already" in other.words
    assert numbers(settled(page.look()))["Images"] == "13"
    settled(other.click("replace_upload"))
    assert numbers(other)["Images"] == "1"
    assert numbers(settled(page.look()))["Images"] == "1"


def test_an_upload_is_deleted_after_it_was_said_who_needs_it(page, another_browser, shared_home):
    upload(page, ("photos.zip", PHOTOS))
    mine = use_in(workflows.open_template("dcgan"), DataChoice("photos.zip", 28)).workflow
    workflows.save(shared_home, mine, "mine")
    other = settled(another_browser.open(DATA))
    page.click("delete photos.zip")
    assert "Delete **photos.zip** for good? The saved workflow mine uses it." in page.words
    page.click("keep_it")
    assert uploads(shared_home)
    page.click("delete photos.zip")
    settled(page.click("confirm_delete"))
    assert not uploads(shared_home)
    assert page.app.selectbox(key="data_set").value == "draft"
    assert "None yet. Upload a zip" in page.words
    # The other browser still sees it in its list, and may click it.
    other.click("choose photos.zip")
    assert not other.app.exception and other.app.selectbox(key="data_set").value == "draft"


def test_a_set_goes_into_the_workflow_the_generator_is_set_to_fit_and_undo_takes_it_back(page):
    before = drafted(page)
    upload(page, ("photos.zip", zipped(**{f"{n}.png": png(40, 40, seed=n) for n in range(80)})))
    assert page.has("use_data")
    page.click("use_data")
    node = drafted(page).nodes["data"]
    assert (node.class_type, node.inputs["source"]) == ("ImageFiles", "photos.zip")
    assert "Set to fit it: Generator image size 32, channels 3." in page.words
    assert not page.has("use_data")
    assert any(link.proto.page == "Workflow" for link in page.app.page_link)
    page.open("pages/1_Workflow.py")
    assert not page.app.button(key="start_run").disabled
    page.click("undo")
    assert drafted(page) == before


def test_what_does_not_fit_after_that_is_told(page):
    upload(page, ("few.zip", zipped(**{f"{n}.png": png(seed=n) for n in range(9)})))
    assert "It has 1 problem to be corrected" in page.click("use_data").words


def test_a_path_on_the_server_is_looked_at_and_a_wrong_one_refused(page, tmp_path):
    choose(page, "path")
    assert "Name a folder or a file on the server" in page.words
    folder = write(tmp_path / "folder", {"1.png": png(), "2.png": png(seed=1)})
    page.app.text_input(key="data_path").set_value(str(folder))
    assert numbers(settled(page.look()))["Images"] == "2"
    write(folder, {"3.png": png(seed=2)})
    assert numbers(settled(page.look()))["Images"] == "3"
    page.app.text_input(key="data_path").set_value("/no/such/place")
    assert "'/no/such/place' cannot be used: there is no such file or folder" in page.look().errors
    assert not page.app.metric and not page.has("use_data")


def test_a_picture_whose_bytes_changed_is_seen_when_the_set_is_read_again(page, tmp_path):
    folder = write(tmp_path / "folder", {"1.png": png(), "2.png": png(seed=1)})
    choose(page, "path").app.text_input(key="data_path").set_value(str(folder))
    assert numbers(settled(page.look()))["Duplicates"] == "0"
    write(folder, {"2.png": png()})
    assert numbers(settled(page.click("read_again")))["Duplicates"] == "1"


def test_a_set_none_of_whose_images_can_be_read_says_so_until_it_is_read_again(page, tmp_path):
    folder = write(tmp_path / "folder", {"1.png": b"broken"})
    choose(page, "path").app.text_input(key="data_path").set_value(str(folder))
    settled(page.look())
    assert "none of its 1 images can be read" in page.errors
    (folder / "1.png").write_bytes(png())
    assert numbers(settled(page.click("read_set")))["Images"] == "1"


def test_a_long_reading_tells_how_far_it_is_and_is_cancelled_for_all(page, another_browser, tmp_path, wait_for):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("L", (2000, 2000)).save(folder / "0.png")
    for number in range(1, 3_000):
        (folder / f"{number}.png").hardlink_to(folder / "0.png")
    choose(page, "path").app.text_input(key="data_path").set_value(str(folder))
    page.look()
    wait_for(lambda: "Reading images" in page.look().words)
    assert " of 3,000" in page.words
    # Images are shown meanwhile.
    assert len(page.app.image) == 12
    other = choose(another_browser.open(DATA), "path")
    other.app.text_input(key="data_path").set_value(str(folder))
    assert "Reading images" in other.look().words
    page.click("stop_reading")
    wait_for(lambda: "Reading was stopped" in page.look().words)
    assert "Reading was stopped" in other.look().words
    assert not state.drawer().snapshot.readings


def test_an_own_or_empty_workflow_begins_with_the_first_named_set(browser):
    browser.open("pages/1_Workflow.py")
    browser.app.file_uploader(key="workflow_file").set_value(
        [("empty.json", b'{"format_version": 1, "name": "empty", "prompt": {}}', "application/json")]
    )
    browser.look()
    assert settled(browser.open(DATA)).app.selectbox(key="data_set").value == "set mnist-5k"
    assert "It has" in browser.click("use_data").words


def test_names_from_a_file_are_no_markdown(page):
    stream = io.BytesIO()
    np.savez(stream, images=noise(9, 8, 8).transpose(0, 1, 2)[..., :1].repeat(8, -1), labels=np.array([":red[x]"] * 9))
    upload(page, ("![x](y).npz", stream.getvalue()))
    assert not any("![x](" in text or ":red[x]" in text for text in page.markdown)


def test_home_and_its_cards_lead_to_the_page(browser):
    assert "Data" in {link.label for link in browser.open("Home.py").app.page_link}


def test_the_page_is_drawn_in_no_time_once_it_is_warm(page):
    assert page.is_drawn_in_no_time()
