"""The Film strip view of Inspect: frames, comparisons, a single sample, and an address that restores the view."""

import re

import pytest

from pages.components.shell import state
from pipeline.studio.run import training

INSPECT = "pages/3_Inspect.py"
FRAME = re.compile(r"Step ([\d,]+) · epoch [\d.,]+ · [\d,]+ images seen")


@pytest.fixture(scope="module")
def filmed(trainer, small, wait_for):
    """A paused run with four samples and at least four frames, while another run is loaded."""
    run = training.start(trainer, small("samples.every=10"), "Ada", switch=True)
    wait_for(lambda: trainer.snapshot.step > 40)
    training.start(trainer, small("training.seed=5"), "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    return run


def steps(run):
    return [step for step, _ in state.store().files(run).grids()]


def film(browser, run, **address):
    return browser.open(INSPECT, view="film", run=run, **address)


def picture(browser, number=0):
    """The URL of a picture, which Streamlit derives from its bytes: 0 for the frame, 1 for the comparison."""
    return browser.app.image[number].value[0].rsplit("/", 1)[-1]


def shown(browser):
    """The step in the caption of the frame."""
    return int(FRAME.search(browser.words)[1].replace(",", ""))


def group(browser, label):
    return next(group for group in browser.app.button_group if group.label == label)


def sample(browser):
    return next(field for field in browser.app.number_input if field.label == "Sample")


def of_view(browser):
    """The query parameters without the run and the view of Inspect."""
    return {name: value for name, value in browser.app.query_params.items() if name not in ("run", "view")}


def test_the_newest_frame_is_shown_with_its_step(filmed, browser):
    film(browser, filmed)
    assert shown(browser) == steps(filmed)[-1]
    assert len(browser.app.image) == 1
    assert browser.app.select_slider[0].value == steps(filmed)[-1]
    assert of_view(browser) == {}


def test_a_link_shows_the_chosen_frame_in_another_browser(filmed, browser, another_browser):
    newest = picture(film(browser, filmed))
    browser.app.select_slider[0].set_value(steps(filmed)[1])
    browser.look()
    assert shown(browser) == steps(filmed)[1] and picture(browser) != newest
    assert browser.app.query_params["run"] == filmed and of_view(browser) == {"step": str(steps(filmed)[1])}
    film(another_browser, filmed, **of_view(browser))
    assert (shown(another_browser), picture(another_browser)) == (shown(browser), picture(browser))


def test_the_buttons_move_frame_by_frame_to_the_ends(filmed, browser):
    kept = steps(filmed)
    film(browser, filmed, step=str(kept[1]))
    assert shown(browser.click("film_next")) == browser.app.select_slider[0].value == kept[2]
    assert shown(browser.click("film_previous").click("film_previous")) == kept[0]
    assert not browser.has("film_previous") and browser.has("film_next")
    assert shown(browser.click("film_newest")) == kept[-1]
    assert not browser.has("film_next") and not browser.has("film_newest")
    assert of_view(browser) == {"step": str(kept[-1])}


def test_frames_can_be_counted_in_steps_epochs_or_images(filmed, browser):
    step = steps(filmed)[2]
    film(browser, filmed, step=str(step))
    before = picture(browser)
    for by, label in (("epoch", "epoch "), ("images", f"{step * 8:,} images"), ("step", f"step {step}")):
        group(browser, "Count frames in").set_value(by)
        browser.look()
        slider = browser.app.select_slider[0]
        assert slider.value == step == shown(browser) and picture(browser) == before
        assert any(label in option for option in slider.options)
        assert of_view(browser).get("by", "step") == by


def test_two_frames_are_compared_in_three_ways(filmed, browser, another_browser):
    kept = steps(filmed)
    film(browser, filmed, step=str(kept[3]))
    seen = {picture(browser)}
    for way, said in (("side", FRAME), ("wipe", r"Left of the line: step"), ("difference", r"Black: the same at step")):
        group(browser, "Compare").set_value(way)
        browser.look()
        assert len(browser.app.image) == 2 and re.findall(said, browser.words)
        seen.add(picture(browser, 1))
        assert of_view(browser)["compare"] == way and of_view(browser)["with"] == str(kept[1])
    assert len(seen) == 4
    browser.app.select_slider[1].set_value(kept[0])
    browser.look()
    assert of_view(browser)["with"] == str(kept[0]) and shown(browser) == kept[3]
    film(another_browser, filmed, **of_view(browser))
    assert [picture(another_browser, number) for number in (0, 1)] == [picture(browser, number) for number in (0, 1)]
    group(browser, "Compare").set_value("none")
    assert len(browser.look().app.image) == 1
    assert of_view(browser) == {"step": str(kept[3])}


def test_a_wipe_is_moved(filmed, browser, another_browser):
    film(browser, filmed, compare="wipe")
    half = picture(browser, 1)
    slider = next(slider for slider in browser.app.slider if slider.label == "Uncovered")
    slider.set_value(100)
    browser.look()
    assert picture(browser, 1) != half and of_view(browser)["at"] == "100"
    film(another_browser, filmed, compare="side", step=of_view(browser)["step"], **{"with": of_view(browser)["with"]})
    assert picture(another_browser, 1) == picture(browser, 1)


def test_a_picked_sample_is_shown_over_training_and_with_its_nearest_real_images(filmed, browser, another_browser):
    film(browser, filmed)
    assert "Pick one, 1 to 4" in browser.words
    unmarked = picture(browser)
    sample(browser).set_value(3)
    browser.look()
    assert picture(browser) != unmarked
    drawn = min(8, len(steps(filmed)))
    assert len(browser.app.image) == 1 + 1 + drawn + 8
    assert "may be memorised" in browser.words
    assert of_view(browser) == {"step": str(steps(filmed)[-1]), "sample": "3"}
    film(another_browser, filmed, **of_view(browser))
    assert sample(another_browser).value == 3
    assert len(another_browser.app.image) == len(browser.app.image)
    sample(browser).set_value(0)
    assert len(browser.look().app.image) == 1 and "sample" not in of_view(browser)


@pytest.mark.parametrize("hostile", ["abc", "-3", "1e9", "9" * 400, "<script>", "٣", ""])
def test_an_invalid_address_shows_the_newest_frame(filmed, browser, hostile):
    address = dict.fromkeys(("step", "by", "compare", "with", "at", "sample"), hostile)
    assert shown(film(browser, filmed, **address)) == steps(filmed)[-1]
    assert not browser.errors and len(browser.app.image) == 1


def test_for_a_step_without_a_frame_the_nearest_frame_is_shown(filmed, browser):
    kept = steps(filmed)
    film(browser, filmed, step=str(kept[1] + 1), sample="77", compare="side", **{"with": str(10**15)})
    assert shown(browser) == kept[1] and sample(browser).value == 0
    missing = f"{kept[1] + 1:,} and 1,000,000,000,000,000"
    assert f"There is no grid of step {missing}; the nearest one is shown." in browser.words


def test_a_damaged_frame_is_an_error_message(filmed, browser):
    path = dict(state.store().files(filmed).grids())[steps(filmed)[2]]
    whole = path.read_bytes()
    film(browser, filmed, step=str(steps(filmed)[2]))
    try:
        path.write_bytes(whole[:100])
        assert "cannot be shown: its file is damaged" in browser.look().errors
    finally:
        path.write_bytes(whole)
    assert not browser.look().errors


def test_a_run_without_frames_says_what_to_do(filmed, browser):
    record = state.store().run(filmed)
    empty = state.store().create(
        name="new", workflow_text=record.workflow_text, device="cpu", seed=0, total_steps=1, batch_size=1,
        train_images=1, who="",
    )  # fmt: skip
    assert "This run has no sample grids" in film(browser, empty.id).words
    state.store().files(empty.id).save_grid(0, dict(state.store().files(filmed).grids())[0].read_bytes())
    assert "Frame: step 0, the only one so far" in browser.look().words


def test_a_fork_links_to_the_run_that_has_the_earlier_frames(filmed, browser):
    record = state.store().run(filmed)
    fork = state.store().create(
        name="fork", workflow_text=record.workflow_text, device="cpu", seed=0, total_steps=100, batch_size=8,
        train_images=1617, who="", parent=filmed, parent_step=20,
    )  # fmt: skip
    state.store().files(fork.id).save_grid(20, dict(state.store().files(filmed).grids())[20].read_bytes())
    film(browser, fork.id)
    (link,) = (link for link in browser.app.get("page_link") if "forked from" in link.proto.label)
    assert link.proto.label.startswith("Frames before step 20") and f"run={filmed}" in link.proto.query_string


def test_a_view_of_the_newest_frame_follows_training_and_other_views_stay(
    filmed, trainer, small, wait_for, browser, another_browser
):
    run = training.start(trainer, small("samples.every=10"), "Ada", switch=True)
    wait_for(lambda: len(steps(run)) > 3)
    film(browser, run)
    film(another_browser, run).click("film_previous")
    before, held = shown(browser), shown(another_browser)
    wait_for(lambda: steps(run)[-1] > before)
    assert shown(browser.look()) > before and of_view(browser) == {}
    assert shown(another_browser.look()) == held and of_view(another_browser) == {"step": str(held)}
    another_browser.click("film_newest")
    assert of_view(another_browser) == {}
    training.pause(trainer, trainer.snapshot, "Ada")


def test_the_warm_film_strip_is_drawn_fast(filmed, browser):
    assert film(browser, filmed, compare="wipe", sample="1").is_drawn_in_no_time()
