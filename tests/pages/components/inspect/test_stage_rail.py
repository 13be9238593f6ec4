"""The rail of stages, without an engine: a made-up snapshot in the middle of a step."""

from streamlit.testing.v1 import AppTest

from pipeline.graph import document
from pipeline.runtime.messages.snapshot import PlannedUpdate, Snapshot, StageSnapshot
from pipeline.studio import workflows
from pipeline.studio.stages.stage_facts import stages_of
from pipeline.studio.stages.stage_rail import rail

STAGE = StageSnapshot("generator", "generate", "generator", 2, 4, "generator", "loss", "objective")
PLAN = (
    PlannedUpdate("discriminator", 1, (("draw noise", "noise"),)),
    PlannedUpdate("generator", 1, (("generate", "generator"), ("loss", "objective"), ("own", "own"))),
)
WALKED = Snapshot(run="a-run", stage=STAGE, plan=PLAN)


def rails(snapshot, shown=0):
    return rail(snapshot, stages_of(document.write(workflows.open_template("mlp-gan")), 8), shown)


def test_stages_before_the_current_one_are_done_and_later_ones_are_to_come():
    first, second = rails(WALKED)
    assert (first.title, second.title) == ("Discriminator's update", "Generator's update")
    assert [(each.number, each.heading, each.progress) for each in (*first.stages, *second.stages)] == [
        (1, "Draw noise", "done"),
        (2, "Generate", "current"),
        (3, "Loss", "to come"),
        (4, "Own", "to come"),
    ]
    assert rails(Snapshot()) == ()


def test_repeated_updates_are_listed_one_by_one_and_in_a_long_step_only_the_one_at_work():
    many = Snapshot(run="a-run", plan=(PlannedUpdate("discriminator", 3, PLAN[1].stages), PLAN[0]))
    assert [each.title for each in rails(many)][1] == "Discriminator's update (2 of 3)"
    assert [stage.number for each in rails(many) for stage in each.stages] == list(range(1, 11))
    long = Snapshot(run="a-run", plan=(PlannedUpdate("discriminator", 100, PLAN[1].stages), PLAN[0]))
    assert [stage.number for each in rails(long) for stage in each.stages] == [1, 2, 3, 301]
    assert [stage.number for each in rails(long, 5) for stage in each.stages] == [4, 5, 6, 301]


def drawn():
    from pages.components.inspect.stage_rail import stage_rail
    from tests.pages.components.inspect.test_stage_rail import WALKED, rails

    stage_rail(rails(WALKED), WALKED, folded=True)


def test_a_click_selects_a_stage_until_the_next_one_is_done():
    app = AppTest.from_function(drawn).run()
    assert not app.exception and len(app.button) == 4
    assert "**2 Generate**" in app.button[1].label and ":material/circle:" in app.button[2].label
    app.button(key="stage_1").click().run()
    assert "**1 Draw noise**" in app.button[0].label and "**" not in app.button[1].label
