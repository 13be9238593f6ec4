from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pages.components.shell import state
from pipeline.data.named import read_named
from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from tests.data.files.pictures import png, write
from tests.pages.data_page import DATA, choose, drafted, field, numbers, settled


@pytest.fixture
def page(drawer, browser):
    return settled(browser.open(DATA))


def test_the_workflows_data_is_shown_first(page, shared_home):
    assert page.title == "Data"
    assert page.app.selectbox(key="data_set").value == "draft"
    assert numbers(page) == {
        "Images": "5,000", "Training": "4,500", "Held out": "500", "Classes": "10", "Prepared": "1×28×28",
        "Duplicates": "0", "Left out": "0",
    }  # fmt: skip
    specs = [chart.proto.spec for chart in page.app.get("vega_lite_chart")]
    assert ["Images of each class" in specs[0], "Values of the prepared pixels" in specs[1]] == [True, True]
    mean = read_named("mnist-5k", shared_home).pixels.mean() / 255
    assert page.table("Channel")["Mean"].tolist() == [f"{mean:.4f}"]
    assert page.table("Mode").to_dict("list") == {"Mode": ["L"], "Images": [5000]}
    assert len(page.app.image) == 12
    assert not page.has("use_data")


def test_another_image_size_gives_another_report_which_the_next_browser_gets_at_once(page, another_browser):
    field(page, "number_input", "Image size").set_value(32)
    assert numbers(settled(page.look()))["Prepared"] == "1×32×32"
    assert page.has("use_data")
    other = another_browser.open(DATA)
    field(other, "number_input", "Image size").set_value(32)
    assert numbers(other.look())["Prepared"] == "1×32×32"


def test_draw_again_augments_the_images_again(page):
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


def test_the_workflows_augmentations_are_shown_instead_of_the_form(page):
    workflow, node_id = edit.insert_node(drafted(page), "Augment", "data", NODES)
    workflow = edit.apply_settings(workflow, [f"{node_id}.rotate=45", f"{node_id}.noise=0.25"], NODES)
    draft = page.app.session_state["draft"]
    page.app.session_state["draft"] = replace(draft, history=draft.history.push(workflow))
    assert "rotate 45, scale 0.1, translate 0.08, noise 0.25" in page.look().words
    assert not [box for box in page.app.number_input if str(box.key).startswith("augment ")]


def test_a_set_is_only_downloaded_on_request(page):
    choose(page, "set cifar-10")
    assert "50,000 training images" in page.words and "It is not on this machine yet" in page.words
    assert page.has("read_set") and not page.app.metric and not page.app.image
    assert not state.drawing_engine().snapshot.readings
    # It can be used anyway: it is downloaded when a run starts.
    assert page.has("use_data")


def test_a_path_on_the_server_is_read_and_a_wrong_one_refused(page, tmp_path):
    choose(page, "path")
    assert "Enter the path of a folder or file on the server" in page.words
    folder = write(tmp_path / "folder", {"1.png": png(), "2.png": png(seed=1)})
    page.app.text_input(key="data_path").set_value(str(folder))
    assert numbers(settled(page.look()))["Images"] == "2"
    write(folder, {"3.png": png(seed=2)})
    assert numbers(settled(page.look()))["Images"] == "3"
    page.app.text_input(key="data_path").set_value("/no/such/place")
    assert "'/no/such/place' cannot be used: there is no such file or folder" in page.look().errors
    assert not page.app.metric and not page.has("use_data")


def test_the_range_of_shades_changes_histogram_and_images_and_goes_into_the_workflow(page, tmp_path):
    values = np.random.default_rng(0).integers(0, 4_096, (4, 8, 8), dtype=np.uint16)
    np.savez(tmp_path / "a.npz", images=values)
    choose(page, "path").app.text_input(key="data_path").set_value(str(tmp_path / "a.npz"))
    settled(page.look())
    assert "They probably have 12 bits" in page.app.warning[0].value
    assert "0 to 65,535 of the stored values became black to white" in page.words
    dark, dark_mean = [image.value[0] for image in page.app.image], page.table("Channel")["Mean"].tolist()

    field(page, "selectbox", "Shades").set_value("12 bits")
    settled(page.look())
    assert not page.app.warning and "0 to 4,095 of the stored values became black to white" in page.words
    assert [image.value[0] for image in page.app.image] != dark
    assert page.table("Channel")["Mean"].tolist() != dark_mean
    page.click("use_data")
    assert drafted(page).nodes["data"].inputs["shades"] == "12 bits"


def test_reading_again_notices_an_image_whose_bytes_changed(page, tmp_path):
    folder = write(tmp_path / "folder", {"1.png": png(), "2.png": png(seed=1)})
    choose(page, "path").app.text_input(key="data_path").set_value(str(folder))
    assert numbers(settled(page.look()))["Duplicates"] == "0"
    write(folder, {"2.png": png()})
    assert numbers(settled(page.click("read_again")))["Duplicates"] == "1"


def test_a_set_without_a_readable_image_is_an_error_until_it_is_read_again(page, tmp_path):
    folder = write(tmp_path / "folder", {"1.png": b"broken"})
    choose(page, "path").app.text_input(key="data_path").set_value(str(folder))
    settled(page.look())
    assert "none of its 1 image can be read" in page.errors
    (folder / "1.png").write_bytes(png())
    assert numbers(settled(page.click("read_set")))["Images"] == "1"


def test_reading_a_large_set_shows_progress_and_is_cancelled_for_all(page, another_browser, tmp_path, wait_for):
    folder = tmp_path / "pictures"
    folder.mkdir()
    Image.new("L", (1000, 1000)).save(folder / "0.png")
    for number in range(1, 20_000):
        (folder / f"{number}.png").hardlink_to(folder / "0.png")
    choose(page, "path").app.text_input(key="data_path").set_value(str(folder))
    page.look()
    wait_for(lambda: "Reading images" in page.look().words)
    assert " of 20,000" in page.words
    # Images are shown in the meantime.
    assert len(page.app.image) == 12
    other = choose(another_browser.open(DATA), "path")
    other.app.text_input(key="data_path").set_value(str(folder))
    assert "Reading images" in other.look().words
    page.click("stop_reading")
    wait_for(lambda: "Reading was cancelled" in page.look().words)
    assert "Reading was cancelled" in other.look().words
    assert not state.drawing_engine().snapshot.readings


def test_for_a_workflow_without_data_the_first_named_set_is_chosen(browser):
    browser.open("pages/1_Workflow.py")
    browser.app.session_state.open_menu = True
    browser.look().app.file_uploader(key="workflow_file").set_value(
        [("empty.json", b'{"format_version": 1, "name": "empty", "prompt": {}}', "application/json")]
    )
    browser.look()
    assert settled(browser.open(DATA)).app.selectbox(key="data_set").value == "set mnist-5k"
    assert "It has" in browser.click("use_data").words


def test_home_links_to_the_page(browser):
    assert "Data" in {link.label for link in browser.open("Home.py").app.page_link}


def test_the_warm_page_is_drawn_fast(page):
    assert page.is_drawn_in_no_time()
