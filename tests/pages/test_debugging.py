"""The debugger on the Train page: updates of one network, back, forward, conditions, breakpoints and forks."""

from collections.abc import Callable

import pytest

from pages.components.shell import state
from pipeline.runtime.handle import TrainerHandle
from tests.pages.conftest import Browser

WaitFor = Callable[..., None]
TRAIN = "pages/2_Train.py"


@pytest.fixture
def page(browser: Browser, run: str) -> Browser:
    """Train, with a paused run of more than fifty steps."""
    return browser.open(TRAIN, run=run)


def press(page: Browser, key: str, trainer: TrainerHandle, wait_for: WaitFor) -> Browser:
    """Click, wait until the run is not busy, and rerun the page."""
    page.click(key)
    wait_for(lambda: trainer.snapshot.state != "running")
    return page.look()


def test_updating_one_network_only_advances_its_counter(page: Browser, trainer: TrainerHandle) -> None:
    step = page.step
    page.click("only_discriminator")
    assert page.step == step
    assert f"discriminator updated {step + 1:,} times, generator {step:,} times" in page.words
    page.click("only_generator")
    assert f"discriminator updated {step + 1:,} times, generator {step + 1:,} times" in page.words


def test_a_click_on_step_shows_the_new_step(page: Browser) -> None:
    step = page.step
    assert page.click("step").step == step + 1


def test_back_goes_one_or_several_steps_and_forward_returns(
    page: Browser, trainer: TrainerHandle, wait_for: WaitFor
) -> None:
    step = page.step
    press(page, "back_one", trainer, wait_for)
    assert page.step == step - 1
    assert f"At step {step - 1:,} of {step:,} recorded steps." in page.words
    page.app.number_input(key="back_by").set_value(10)
    press(page, "back_by_go", trainer, wait_for)
    assert page.step == step - 11
    press(page, "forward", trainer, wait_for)
    assert page.step == step
    assert "recorded steps" not in page.words


def test_back_past_the_first_step_is_refused(page: Browser) -> None:
    step = page.step
    page.app.number_input(key="back_to").set_value(-3)
    page.click("back_to_go")
    assert "the earliest step that this run can return to is 0" in page.errors
    assert page.step == step


def test_run_to_stops_at_a_step_or_when_a_condition_holds(
    page: Browser, trainer: TrainerHandle, wait_for: WaitFor
) -> None:
    step = page.step
    page.app.number_input(key="run_to_step").set_value(step + 7)
    assert press(page, "run_to_go", trainer, wait_for).step == step + 7
    page.app.text_input(key="run_until").set_value(f"step >= {step + 12}")
    assert press(page, "run_until_go", trainer, wait_for).step == step + 12
    assert f"Reached at step {step + 12:,}" in "\n".join(element.value for element in page.app.info).replace("\\", "")


def test_a_breakpoint_is_added_hit_and_removed(page: Browser, trainer: TrainerHandle, wait_for: WaitFor) -> None:
    stop = page.step + 9
    page.app.text_input(key="new_breakpoint").set_value(f"step >= {stop}")
    page.click("new_breakpoint_add")
    assert page.app.text_input(key="new_breakpoint").value == ""
    assert press(page, "run", trainer, wait_for).step == stop
    page.click("remove_breakpoint_0")
    assert trainer.snapshot.watching.breakpoints == ()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("D_reel > 0.5", "did you mean 'D_real'?"), ("D_real >", "goes wrong at its end"), ("D_loss", "is a number")],
)
def test_an_invalid_expression_is_refused_and_stays_in_its_field(
    page: Browser, trainer: TrainerHandle, typed: str, sentence: str
) -> None:
    page.app.text_input(key="new_breakpoint").set_value(typed)
    page.click("new_breakpoint_add")
    assert sentence in page.errors
    assert page.app.text_input(key="new_breakpoint").value == typed
    assert trainer.snapshot.watching.breakpoints == ()


def test_a_change_after_back_makes_a_fork_and_the_page_follows(
    page: Browser, another_browser: Browser, run: str, trainer: TrainerHandle, wait_for: WaitFor
) -> None:
    step = page.step
    press(page, "back_one", trainer, wait_for)
    page.click("only_discriminator")
    fork = trainer.snapshot.run
    assert fork != run
    assert fork in page.app.query_params["run"]
    record = state.store().run(fork)
    assert (record.parent, record.parent_step) == (run, step - 1)
    assert page.has("open_parent")
    assert another_browser.open(TRAIN, run=run).step == step


def test_opposite_commands_from_two_browsers_leave_the_run_consistent(
    page: Browser, another_browser: Browser, run: str, trainer: TrainerHandle, wait_for: WaitFor
) -> None:
    another_browser.open(TRAIN, run=run)
    page.click("run")
    another_browser.click("only_generator")
    assert "meanwhile" in another_browser.errors or "training" in another_browser.words
    page.look().click("pause")
    wait_for(lambda: trainer.snapshot.state == "paused")
    step = page.look().step
    assert another_browser.look().step == step
