"""Forking through the pages: from a run to its workflow, and from there to a new run."""

import json

import pytest

from pages.components.shell import state
from pipeline.families.family import FAMILIES
from pipeline.graph import document
from pipeline.runs import metrics
from pipeline.runs.deletion import delete_runs
from pipeline.studio.charts import curves
from pipeline.studio.run import history, training

TRAIN, WORKFLOW, INSPECT = "pages/2_Train.py", "pages/1_Workflow.py", "pages/3_Inspect.py"
RATE = "generator_optimizer.learning_rate"


@pytest.fixture
def forking(run, browser):
    """The Workflow page, opened with "Fork…" from a paused run."""
    return to_fork(browser.open(TRAIN))


def to_fork(browser):
    browser.click("fork_rebuild")
    # Open the page that the click led to, because AppTest's later runs would not stay on it.
    assert button(browser, "start_run").label == "Fork run"
    return browser.open(WORKFLOW)


def begin(browser):
    """Press Start run or Fork run, and follow to the Train page."""
    browser.click("start_run")
    return arrive(browser)


def arrive(browser):
    assert "Step" in [metric.label for metric in browser.app.metric], "not led to Train"
    return browser.open(TRAIN)


def draft(browser):
    return browser.app.session_state["draft"]


def button(browser, key):
    return next((each for each in browser.app.button if each.key == key), None)


def select(browser, node):
    browser.app.selectbox(key="selected_node").set_value(node)
    return browser.look()


def fill(browser, kind, key, value):
    getattr(browser.app, kind)(key=f"field {key}").set_value(value)
    return browser.look()


def step_choice(browser, run):
    return browser.app.selectbox(key=f"fork_step {run}")


def is_a_fork(trainer, run, step):
    """Check that the loaded run is a fork of this run from this step, and return its record."""
    record = state.store().run(trainer.snapshot.run)
    assert (record.parent, record.parent_step) == (run, step)
    return record


def forked_event(run):
    return next(event for event in state.store().events(run) if event.kind == "forked").text


def paused_after(trainer, wait_for, step):
    wait_for(lambda: trainer.snapshot.step > step and trainer.snapshot.state in ("running", "paused"))
    training.pause(trainer, trainer.snapshot, "Ada")
    wait_for(lambda: trainer.snapshot.state == "paused")


def test_a_fork_with_another_width_carries_the_other_network_over(forking, run, trainer, wait_for):
    step = trainer.snapshot.step
    assert forking.title == r"mlp\-gan"
    assert (button(forking, "start_run").label, button(forking, "start_afresh") is not None) == ("Fork run", True)
    assert step_choice(forking, run).options[0] == f"At its current step ({step:,})"
    assert "Carried over: generator with its optimizer's state and discriminator with its" in forking.words
    assert "Nothing is reinitialised." in forking.words
    fill(select(forking, "generator"), "text_input", "generator.hidden", "24,24")
    assert "Reinitialised: generator, because layer shapes differ." in forking.words

    begin(forking)
    fork = is_a_fork(trainer, run, step)
    assert document.read(fork.workflow_text, "").nodes["generator"].inputs["hidden"] == "24,24"
    assert "Carried over: discriminator with its optimizer's state. Reinitialised: generator" in forked_event(fork.id)

    paused_after(trainer, wait_for, step)
    forking.look()
    assert forking.step > step and f"at step {step:,}" in button(forking, "open_parent").label.replace("\\", "")
    loss = forking.charts[0]
    # In a long chart, a point stands for several steps, the last of which it is drawn at.
    width = metrics.band_width(step + 1, forking.step, curves.BANDS)
    assert loss.before["x"].max() == step and step < loss.points["x"].min() <= step + width
    assert next(metrics.rows(state.store(), fork.id))[0][0] == step + 1
    assert loss.marks["kind"].tolist() == ["Fork"] and loss.marks["x"].tolist() == [step]
    drawn = curves.charts(state.store(), state.store().run(run), {"Loss": (FAMILIES.series["D_loss"],)})
    parent = drawn.charts["Loss"].points
    assert loss.before[loss.before["metric"] == "D_loss"]["x"].tolist() == parent["x"].to_pylist()

    forking.click("open_parent")
    assert forking.title == r"mlp\-gan" and forking.step == step and not forking.has("open_parent")
    assert all(chart.before is None for chart in forking.charts)


def test_a_fork_with_more_steps_carries_everything_over(forking, run, trainer, wait_for):
    step = trainer.snapshot.step
    select(forking, "training")
    fill(forking, "number_input", "training.total_steps", 2_000_000)
    assert "Nothing is reinitialised." in forking.words
    begin(forking)
    fork = is_a_fork(trainer, run, step)
    assert fork.total_steps == 2_000_000
    assert "Reinitialised" not in forked_event(fork.id)
    paused_after(trainer, wait_for, step)
    before = metrics.history(state.store(), run, ["D_loss"]).series["D_loss"].last[-1]
    after = metrics.history(state.store(), fork.id, ["D_loss"], last=step + 1).series["D_loss"].last[0]
    assert abs(after - before) < 1, "the fork continues from its parent's state"


def test_a_fork_starts_with_the_current_live_values(run, browser, trainer):
    node, parameter = RATE.split(".")
    training.set_live(trainer, trainer.snapshot, "Ada", node, parameter, 0.004)
    browser.open(WORKFLOW, fork=run)
    assert draft(browser).workflow.nodes["generator_optimizer"].inputs["learning_rate"] == 0.004
    begin(browser)
    assert trainer.snapshot.live[RATE] == 0.004


def test_a_checkpoint_can_be_chosen_to_fork_from(forking, run, trainer, wait_for):
    kept = history.checkpoint_steps(state.store(), run)
    assert kept[-1] == 0 and step_choice(forking, run).options[-1] == "At step 0, a checkpoint"
    step_choice(forking, run).set_value(0)
    # The button is pressed right afterwards, before the page is drawn again.
    begin(forking)
    fork = is_a_fork(trainer, run, 0)
    paused_after(trainer, wait_for, 0)
    # Its losses are exactly those of its parent.
    ways = [metrics.history(state.store(), each, ["D_loss"], last=5).series["D_loss"].last for each in (run, fork.id)]
    assert ways[0].tolist() == ways[1].tolist()


def test_a_fork_of_a_fork_shows_the_whole_history(forking, run, trainer, wait_for):
    first = trainer.snapshot.step
    begin(forking)
    paused_after(trainer, wait_for, first)
    second = trainer.snapshot.step
    begin(to_fork(forking.look()))
    is_a_fork(trainer, state.store().run(trainer.snapshot.run).parent, second)
    paused_after(trainer, wait_for, second)
    before = forking.look().charts[0].before
    assert (before["x"].min(), before["x"].max()) == (1, second)
    assert f"at step {second:,}" in button(forking, "open_parent").label.replace("\\", "")


def test_forking_during_another_run_needs_confirmation(forking, run, trainer, small):
    other = training.start(trainer, small(), "Bob", switch=True)
    forking.look()
    assert step_choice(forking, run).options[0].startswith("At its last checkpoint (step ")
    forking.click("start_run")
    assert f"Bob is training 'mlp-gan' (run {other})" in forking.words
    assert trainer.snapshot.run == other
    arrive(forking.click("switch_run"))
    assert is_a_fork(trainer, run, history.checkpoint_steps(state.store(), run)[0]).state != "failed"
    assert state.store().run(other).state == "paused"


def test_undo_returns_to_the_previous_workflow_which_is_not_a_fork(forking):
    forking.click("undo")
    assert (forking.title, button(forking, "start_run").label) == ("dcgan", "Start run")
    assert button(forking, "start_afresh") is None
    forking.click("redo")
    assert button(forking, "start_run").label == "Fork run"


def test_saving_and_editing_keep_the_draft_a_fork_and_opening_another_does_not(forking):
    forking.click("save")
    select(forking, "training")
    fill(forking, "number_input", "training.batch_size", 12)
    assert button(forking, "start_run").label == "Fork run"
    forking.app.session_state.open_menu = True
    forking.look().click("template wgan-gp")
    assert button(forking, "start_run").label == "Start run"
    forking.click("undo")
    assert button(forking, "start_run").label == "Fork run"


def test_a_draft_can_switch_between_a_fork_and_a_new_run(forking, run, trainer):
    forking.click("start_afresh")
    assert button(forking, "start_run").label == "Start run"
    assert "Start run starts a new run at step 0" in forking.words
    assert button(forking.click("fork_instead"), "start_run").label == "Fork run"
    begin(forking.click("start_afresh"))
    assert state.store().run(trainer.snapshot.run).parent is None
    assert trainer.snapshot.run != run


def test_an_unchanged_template_can_be_forked(trainer, run, browser, small):
    browser.open(WORKFLOW, run=run)
    assert button(browser, "start_run").label == "Start run"
    browser.open(WORKFLOW, fork=run)
    assert button(browser, "start_run").label == "Fork run"


def test_a_workflow_with_errors_cannot_be_forked(forking):
    select(forking, "training")
    fill(forking, "number_input", "training.batch_size", 4096)
    assert not forking.has("start_run") and "to see what is carried over" in forking.words
    forking.click("undo")
    assert forking.has("start_run")


def test_a_run_without_a_checkpoint_cannot_be_forked(browser, trainer, small):
    record = state.store().create(name="empty", workflow_text=document.write(small()), device="cpu", seed=0,
                                  total_steps=9, batch_size=8, train_images=1617, who="")  # fmt: skip
    browser.open(WORKFLOW, fork=record.id)
    assert "This run has no checkpoint to fork from. Start at step 0 instead." in browser.words
    assert not browser.has("start_run")
    assert browser.click("start_afresh").has("start_run")


def test_an_address_opens_a_runs_workflow_at_a_node(run, browser):
    browser.open(WORKFLOW, run=run, node="discriminator_optimizer")
    assert draft(browser).selected == "discriminator_optimizer"
    assert draft(browser).state == "run" and button(browser, "start_run").label == "Start run"
    assert "run" in browser.app.query_params and "node" not in browser.app.query_params
    # The node in the address is read once, so a node selected afterwards stays selected.
    assert draft(select(browser, "noise")).selected == "noise"
    assert button(browser.click("fork_instead"), "start_run").label == "Fork run"


@pytest.mark.parametrize("node", ["nosuch", "discriminater", "../../x", "<b>x</b>", "![x](http://x/y)", "n" * 100_000])
def test_for_an_unknown_node_an_error_is_shown_and_the_workflow_opened(run, browser, node):
    browser.open(WORKFLOW, run=run, node=node)
    assert "The workflow has no node" in browser.errors and len(browser.errors) < 500
    assert draft(browser).state == "run" and draft(browser).selected == "data"
    assert not any(part in "\n".join(browser.markdown) for part in ("<b>x", "![x]"))


@pytest.mark.parametrize("name", ["fork", "run"])
@pytest.mark.parametrize("value", ["../../etc/passwd", "20200101-000000-00000000", "latest", "x" * 100_000, "[a](b)"])
def test_for_an_unknown_run_an_error_is_shown_and_the_draft_stays(trainer, browser, name, value):
    before = draft(browser.open(WORKFLOW))
    browser.open(WORKFLOW, **{name: value})
    assert "There is no run" in browser.errors and len(browser.errors) < 500
    assert draft(browser) == before and name not in browser.app.query_params


def test_an_unreadable_workflow_of_a_run_is_an_error_message(trainer, browser):
    record = state.store().create(name="odd", workflow_text="{]", device="cpu", seed=0, total_steps=9, batch_size=8,
                                  train_images=9, who="")  # fmt: skip
    browser.open(WORKFLOW, fork=record.id)
    assert "The run's workflow is not a workflow: it is not JSON" in browser.errors
    assert button(browser, "start_run").label == "Start run"


def test_names_of_runs_are_shown_literally_and_not_as_markdown(trainer, browser, small, run):
    odd = "**x** [a](b) $y$"
    text = json.dumps(json.loads(document.write(small())) | {"name": odd})
    facts = {"device": "cpu", "seed": 0, "total_steps": 9, "batch_size": 8, "train_images": 1617, "who": ""}
    record = state.store().create(name=odd, workflow_text=text, **facts)
    browser.open(WORKFLOW, run=record.id)
    assert odd in browser.words and odd not in "\n".join(browser.markdown)
    fork = state.store().create(name="fork", workflow_text=text, parent=record.id, parent_step=3, **facts)
    for page in (TRAIN, INSPECT):
        browser.open(page, run=fork.id)
        label = button(browser, "open_parent").label
        assert odd in label.replace("\\", "") and odd not in label


def test_a_fork_whose_parent_was_deleted_is_shown_without_a_link_to_it(trainer, browser, small, run):
    facts = {"device": "cpu", "seed": 0, "total_steps": 9, "batch_size": 8, "train_images": 1617, "who": ""}
    text = document.write(small())
    parent = state.store().create(name="parent", workflow_text=text, **facts)
    fork = state.store().create(name="fork", workflow_text=text, parent=parent.id, parent_step=3, **facts)
    delete_runs(state.store(), [parent.id])
    for page in (TRAIN, INSPECT):
        browser.open(page, run=fork.id)
        assert not browser.errors and not browser.has("open_parent")
        assert "Forked at step 3 from a run that was deleted." in [each.value for each in browser.app.caption]
    browser.open(INSPECT, run=fork.id, view="film")
    assert not browser.errors


def test_the_workflow_page_of_a_fork_is_drawn_fast(forking):
    assert forking.is_drawn_in_no_time()
