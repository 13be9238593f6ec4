"""Train's first screen in a real browser: what matters stands in its first 900 pixels, in windows of three widths and
in both themes; its keys; and the question that a start asks while a run is training."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from pipeline.graph import edit
from pipeline.nodes.catalogue import NODES
from pipeline.runtime.handle import TrainerHandle
from pipeline.studio import workflows
from pipeline.studio.run import training
from tests.browser.screen import PATIENT, Screen, Visit
from tests.browser.server import Server

pytestmark = pytest.mark.browser

WaitFor = Callable[..., None]
STEPS = 30
HEIGHT = 900
IN_ROWS = {1024: 1, 1280: 1, 1920: 2}
"""Number of charts in the first row, which the samples end, by the width of the window."""

MEASURE = """
(height) => {
  const wrong = [];
  const box = (element) => element.getBoundingClientRect();
  const within = (name, element) => {
    if (!element) return wrong.push(`${name} is missing`);
    const { top, bottom, left, right, width } = box(element);
    if (!width || top < 0 || bottom > height || left < 0 || right > innerWidth)
      wrong.push(`${name} is at ${[left, top, right, bottom].map(Math.round)}`);
  };
  const all = (selector) => [...document.querySelectorAll(selector)];
  const cut = (element) => element.scrollWidth > element.clientWidth + 1;
  const overlap = (one, other) => box(one).top < box(other).bottom && box(one).bottom > box(other).top;

  const samples = all('img[alt^="Grid of generated images"]')[0];
  const charts = all('[data-testid="stVegaLiteChart"] svg.marks');
  // Streamlit draws a button with a help text twice, one of them hidden.
  const controls = all(".st-key-run_controls :is(.stButton, .stPopover) button").filter((each) => box(each).width);
  within("the samples", samples);
  within("the first chart", charts[0]);
  // The first words about hints: a link to them or, if there are none, a caption.
  const lines = all('[data-testid="stMain"] :is([data-testid="stPageLink"], [data-testid="stCaptionContainer"])');
  within("the health badge", lines.find((line) => /\\bhints?\\b/i.test(line.innerText)));
  for (const metric of all('[data-testid="stMetric"]')) within("a number", metric);
  for (const button of controls) within(`the button ${button.innerText}`, button);
  if (controls.length !== 5) wrong.push(`${controls.length} controls instead of 5`);
  const tops = new Set(controls.map((button) => Math.round(box(button).top)));
  if (tops.size > 1) wrong.push("the controls are not in one row");
  for (const label of all(".st-key-run_controls button, .st-key-run_controls button p"))
    if (cut(label)) wrong.push(`the label ${label.innerText} is cut`);
  for (const number of all('[data-testid="stMetricLabel"] *, [data-testid="stMetricValue"] *'))
    if (number.innerText && cut(number)) wrong.push(`the number ${number.innerText} is cut`);
  const main = all('[data-testid="stMain"]')[0];
  if (cut(main) || cut(document.documentElement)) wrong.push("the page is wider than the window");
  return [wrong, samples ? charts.filter((chart) => overlap(chart, samples)).length : 0];
}
"""


@pytest.fixture(scope="module")
def trainer(server: Server) -> Iterator[TrainerHandle]:
    """The trainer of the server's home, with a small run that is paused after a few steps."""
    handle = TrainerHandle(server.home)
    settings = ["data.dataset=digits", "generator.image_size=8", "training.total_steps=1000000"]
    workflow = edit.apply_settings(workflows.open_template("mlp-gan"), settings, NODES)
    training.start(handle, workflow, "Ada")
    training.pause(handle, handle.snapshot, "Ada")
    training.chunk(handle, handle.snapshot, "Ada", STEPS)
    while handle.snapshot.state == "running":
        time.sleep(0.05)
    yield handle
    handle.close()


def holds(screen: Screen, width: int) -> None:
    """Wait until the first screen is as it has to be at this width of the window; fail with what is not."""
    deadline = time.monotonic() + PATIENT / 1000
    wanted = [[], IN_ROWS[width]]
    while (found := screen.page.evaluate(MEASURE, HEIGHT)) != wanted:
        assert time.monotonic() < deadline, f"at {width}: {found[0]}, {found[1]} charts beside the samples"
        screen.page.wait_for_timeout(300)


@pytest.mark.parametrize(("dark", "widths"), [(False, (1280, 1920, 1024)), (True, (1920, 1024, 1280))])
def test_what_matters_stands_in_the_first_screen(
    dark: bool, widths: tuple[int, ...], server: Server, trainer: TrainerHandle, visit: Visit
) -> None:
    screen = visit(server, "Train", (widths[0], HEIGHT), dark=dark)
    for width in widths:
        screen.page.set_viewport_size({"width": width, "height": HEIGHT})
        holds(screen, width)


def test_the_second_visit_is_drawn_for_the_window_at_once(server: Server, trainer: TrainerHandle, visit: Visit) -> None:
    screen = visit(server, "Train", (1024, HEIGHT))
    holds(screen, 1024)
    # The label of the usual width, if it is drawn for a moment.
    screen.page.add_init_script(
        "new MutationObserver(() => {"
        "  if (document.body?.innerText.includes('Images per second')) window.usual = true;"
        "}).observe(document, { childList: true, subtree: true, characterData: true })"
    )
    screen.page.reload()
    holds(screen, 1024)
    expect(screen.page.get_by_text("Images/s").first).to_be_visible()
    assert screen.page.evaluate("window.usual") is None


def test_keys_press_buttons_but_not_while_one_types(
    server: Server, trainer: TrainerHandle, visit: Visit, wait_for: WaitFor
) -> None:
    screen = visit(server, "Train")
    screen.is_paused()
    step, one_step = screen.step, screen.page.get_by_role("button", name=re.compile("^One step"))
    name = screen.page.get_by_role("textbox", name="Your name")
    name.press_sequentially("sbs")
    screen.page.wait_for_timeout(500)
    assert (name.input_value(), screen.step, trainer.snapshot.step, one_step.count()) == ("sbs", step, step, 0)
    name.press("Enter")

    screen.page.get_by_role("heading", name="mlp-gan").click()
    screen.page.keyboard.press("s")
    wait_for(lambda: trainer.snapshot.step == step + 1)
    screen.reaches(step + 1)
    screen.page.keyboard.press("b")
    one_step.click()
    wait_for(lambda: trainer.snapshot.step == step)


def test_a_start_during_another_run_asks_in_a_dialog_that_stays_until_it_is_answered(
    server: Server, trainer: TrainerHandle, visit: Visit
) -> None:
    training.continue_run(trainer, trainer.snapshot, "Ada")
    running = trainer.snapshot.run
    screen = visit(server)
    dialog = screen.page.get_by_role("dialog")
    screen.press("Start training")
    expect(dialog).to_contain_text("Ada's run mlp-gan is training")
    # The page is redrawn in the meantime.
    screen.page.wait_for_timeout(1_500)
    expect(dialog).to_be_visible()
    screen.page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    screen.page.wait_for_timeout(1_500)
    expect(dialog).not_to_be_visible()
    assert (trainer.snapshot.run, trainer.snapshot.state) == (running, "running")

    screen.press("Start training")
    screen.press("Pause it and start mine")
    screen.page.get_by_role("heading", name="dcgan").wait_for()
    screen.is_running()
    expect(dialog).not_to_be_visible()
    screen.press("Pause")
    screen.is_paused()

    screen.open(f"Train?run={running}")
    screen.press("Load")
    expect(screen.page.get_by_text(re.compile(r"^Loaded mlp-gan at step"))).to_be_visible()
    screen.is_paused()
