from dataclasses import replace

import pytest

from pages.components.shell.page_paths import PAGES
from pipeline.graph import document
from pipeline.runtime.messages.snapshot import Snapshot, StageSnapshot
from pipeline.studio import workflows
from pipeline.studio.tour import STEPS, TourState, first_values

RATE = "generator_optimizer.learning_rate"
FRESH = TourState(Snapshot(), {RATE: 0.001})
TRAINED = replace(FRESH, snapshot=Snapshot(run="a", step=150, samples_step=150, live={RATE: 0.001}))
WALKING = replace(
    TRAINED, snapshot=replace(TRAINED.snapshot, stage=StageSnapshot("D", "draw noise", "", 1, 14, "", "", ""))
)
BROKEN = replace(TRAINED, snapshot=replace(TRAINED.snapshot, live={RATE: 0.1}))
LOWERED = replace(TRAINED, snapshot=replace(TRAINED.snapshot, live={RATE: 0.0005}), was_broken=True)
FORKED = replace(TRAINED, forked=True)


@pytest.mark.parametrize(
    ("now", "done"),
    [
        (FRESH, []),
        (TRAINED, ["Start", "Watch"]),
        (WALKING, ["Start", "Watch", "Walk one step"]),
        (BROKEN, ["Start", "Watch", "Break it"]),
        (LOWERED, ["Start", "Watch", "Mend it"]),
        (FORKED, ["Start", "Watch", "Mend it"]),
    ],
    ids=["fresh", "trained", "walking", "broken", "lowered", "forked"],
)
def test_the_state_of_the_run_shows_which_steps_are_done(now, done):
    assert [step.title for step in STEPS if step.done(now)] == done


def test_every_step_is_done_on_a_page_that_exists():
    assert {step.page for step in STEPS} <= {page.title for page in PAGES.values()}


def test_the_first_values_are_those_of_the_workflow_and_its_hundredfold_breaks_it():
    workflow = workflows.open_template("dcgan")
    first = first_values(document.write(workflow))
    assert first[RATE] == workflow.nodes["generator_optimizer"].inputs["learning_rate"] == 0.001
    broken = replace(BROKEN, first=first)
    assert STEPS[3].done(broken)
    assert not STEPS[3].done(replace(broken, snapshot=replace(broken.snapshot, live=first)))
