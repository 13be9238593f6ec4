import shutil

import pytest

from pages.components.draw import run_picker
from pages.components.draw.fields import NO_CLASS
from pages.components.shell import state
from pipeline.studio.run import history, training

GENERATE = "pages/4_Generate.py"


@pytest.fixture(scope="module")
def drawn_from(trainer, small, wait_for):
    """A run that averages its weights, with checkpoints at three steps."""
    run = training.start(trainer, small("training.ema_halflife_images=1000"), "Ada", switch=True)
    for _ in range(2):
        at = trainer.snapshot.step
        wait_for(lambda at=at: trainer.snapshot.step > at)
        training.pause(trainer, trainer.snapshot, "Ada")
        training.continue_run(trainer, trainer.snapshot, "Ada")
    training.pause(trainer, trainer.snapshot, "Ada")
    return run


def picture(browser):
    """The URL of the grid, which Streamlit derives from its bytes."""
    return browser.app.image[0].value[0].rsplit("/", 1)[-1]


def test_the_picture_depends_on_the_seed_only(drawn_from, browser, another_browser):
    first = picture(browser.open(GENERATE))
    assert "64 images from step" in browser.words
    assert picture(another_browser.open(GENERATE)) == first
    browser.app.number_input(key="draw_seed").set_value(1)
    assert picture(browser.look()) != first
    browser.app.number_input(key="draw_seed").set_value(0)
    assert picture(browser.look()) == first


def test_count_and_weights_can_be_chosen(drawn_from, browser):
    first = picture(browser.open(GENERATE))
    browser.app.button_group(key="draw_weights").set_value("raw")
    assert picture(browser.look()) != first
    browser.app.number_input(key="draw_count").set_value(4)
    assert "4 images from step" in browser.look().words


def test_the_chosen_checkpoint_is_in_the_address(drawn_from, browser, another_browser):
    newest = picture(browser.open(GENERATE))
    browser.app.select_slider[0].set_value(0)
    assert "from step 0," in browser.look().words
    assert browser.app.query_params == {"run": drawn_from, "step": "0"}
    oldest = picture(browser)
    assert oldest != newest
    assert picture(another_browser.open(GENERATE, run=drawn_from, step="0")) == oldest


def test_a_matrix_has_a_row_for_each_checkpoint_and_a_column_for_each_seed(drawn_from, browser):
    browser.open(GENERATE, run=drawn_from)
    browser.app.button_group(key="generate_view").set_value("matrix")
    browser.look()
    steps = history.checkpoint_steps(state.store(), drawn_from)
    shown = min(4, len(steps))
    assert len(browser.app.image) == 4 * shown
    assert all(f"step {step:,}" in browser.words for step in (steps[0], steps[-1])) and "seed 3" in browser.words
    assert len({image.value[0] for image in browser.app.image}) == 4 * shown
    assert not browser.errors


def test_a_chosen_checkpoint_that_was_thinned_out_is_replaced_by_the_newest(drawn_from, browser):
    newest = picture(browser.open(GENERATE))
    browser.app.select_slider[0].set_value(0)
    browser.look()
    shutil.rmtree(state.store().files(drawn_from).checkpoint_folder(0))
    assert picture(browser.look()) == newest


def test_the_chosen_run_is_in_the_address(drawn_from, trainer, small, browser, another_browser):
    other = training.start(trainer, small("training.seed=5"), "Ada", switch=True)
    training.pause(trainer, trainer.snapshot, "Ada")
    of_other = picture(browser.open(GENERATE))
    browser.app.selectbox(key="picked_run").set_value(drawn_from)
    assert picture(browser.look()) != of_other
    assert browser.app.query_params == {"run": drawn_from}
    assert picture(another_browser.open(GENERATE, run=drawn_from)) == picture(browser)
    assert state.store().recent(1)[0].id == other


def test_the_browser_gets_the_new_label_of_the_chosen_run(drawn_from, browser, monkeypatch):
    """It sends the label that it shows, and the old one is no run's any more."""
    browser.open(GENERATE, run=drawn_from)
    assert not browser.look().app.selectbox(key="picked_run").proto.set_value
    monkeypatch.setattr(run_picker, "ago", lambda moment: "long ago")
    picked = browser.look().app.selectbox(key="picked_run")
    assert (picked.value, picked.proto.set_value) == (drawn_from, True) and "long ago" in picked.proto.raw_value


def test_for_an_unknown_run_an_error_and_the_newest_run_are_shown(drawn_from, browser):
    browser.open(GENERATE, run="../../etc/passwd")
    assert "There is no run '../../etc/passwd'" in browser.errors
    assert picture(browser)


def test_a_run_without_a_checkpoint_says_what_to_do(drawn_from, browser):
    store = state.store()
    record = store.run(drawn_from)
    empty = store.create(
        name="new", workflow_text=record.workflow_text, device="cpu", seed=0, total_steps=1, batch_size=1,
        train_images=1, who="",
    )  # fmt: skip
    assert not history.checkpoint_steps(store, empty.id)
    assert "This run has no checkpoint yet" in browser.open(GENERATE, run=empty.id).words


def test_the_warm_page_is_drawn_fast(drawn_from, browser):
    assert browser.open(GENERATE).is_drawn_in_no_time()


def test_a_damaged_checkpoint_is_an_error_message(drawn_from, browser):
    store = state.store()
    step = history.checkpoint_steps(store, drawn_from)[0]
    (store.files(drawn_from).checkpoint_folder(step) / "weights.safetensors").write_bytes(b"damaged")
    browser.open(GENERATE, run=drawn_from).app.number_input(key="draw_seed").set_value(99)
    assert "is damaged" in browser.look().errors
    assert not browser.app.image


def test_a_conditional_generator_has_a_choice_of_class(trainer, small, drawn_from, browser, another_browser):
    browser.open(GENERATE, run=drawn_from)
    assert "draw_class" not in [box.key for box in browser.app.selectbox]
    conditional = training.start(
        trainer, small("generator.classes=10", "discriminator.conditional=true"), "Ada", switch=True
    )
    training.pause(trainer, trainer.snapshot, "Ada")
    in_turn = picture(another_browser.open(GENERATE, run=conditional))
    another_browser.app.selectbox(key="draw_class").set_value(7)
    sevens = picture(another_browser.look())
    assert sevens != in_turn
    another_browser.app.selectbox(key="draw_class").set_value(NO_CLASS)
    assert picture(another_browser.look()) == in_turn
