"""Profiles in words and tables: times per step, names of stages, and where a GPU is used."""

from dataclasses import replace

import pytest

from pipeline.graph import document
from pipeline.runs.profile_records import BETWEEN, OperatorTime, Profile, ProfileTables, StageTime
from pipeline.studio import workflows
from pipeline.studio.inspect import profiles
from pipeline.studio.stages.stage_facts import RunStages, stages_of

STAGES = (
    StageTime("discriminator", "score real", 4, 8.0, 2.0, 0.4, 0.0, 4096),
    StageTime("generator", "update", 4, 10.0, 1.0, 0.5, 0.0, 0),
    StageTime(BETWEEN, BETWEEN, 4, 2.0, 2.0, 0.1, 0.0, 0),
)
OPERATORS = (
    OperatorTime("aten::mm", 40, 6.0, 7.0, 0.0, 2048, "generator", "update", 0.75),
    OperatorTime("aten::add", 4, 0.4, 0.4, 0.0, 0, BETWEEN, BETWEEN, 1.0),
)
MADE = Profile(101, 104, 1000.0, "cpu", 2, "PyTorch 2.14.1", "", ProfileTables(20.0, STAGES, OPERATORS))


@pytest.fixture(scope="module")
def run() -> RunStages:
    return stages_of(document.write(workflows.open_template("mlp-gan")), 64)


def on_gpu(profile: Profile) -> Profile:
    """The same, with kernels in one stage and of one operator."""
    stages = (replace(STAGES[0], device=12.0), *STAGES[1:])
    operators = (replace(OPERATORS[0], device=12.0), *OPERATORS[1:])
    return replace(profile, device="cuda:0", tables=ProfileTables(20.0, stages, operators))


def test_stages_are_named_with_their_update_and_times_are_per_step(run: RunStages) -> None:
    table = profiles.stage_table(MADE, run)
    names = ["Discriminator: score real images", "Generator: weight update", "Rest of the step"]
    assert table["Stage"].to_pylist() == names
    assert table["Total"].to_pylist() == [2.0, 2.5, 0.5] and table["Self"].to_pylist() == [0.5, 0.25, 0.5]
    assert table["Share"].to_pylist() == pytest.approx([40, 50, 10])
    assert table["Calls"].to_pylist() == [4, 4, 4] and table["Memory"].to_pylist() == [4096, 0, 0]


def test_the_only_update_of_a_step_is_not_repeated_in_each_name(run: RunStages) -> None:
    alone = replace(MADE, tables=ProfileTables(12.0, STAGES[1:], ()))
    assert profiles.stage_names(alone, run) == ("Weight update", "Rest of the step")


def test_an_operator_says_where_it_costs_most(run: RunStages) -> None:
    (most, other) = profiles.operator_table(MADE, run).to_pylist()
    assert (most["Operator"], most["Self"], most["Total"], most["There"]) == ("aten::mm", 1.5, 1.75, 75.0)
    assert (most["Most in"], other["Most in"]) == ("Generator: weight update", "Rest of the step")


def test_the_names_of_autograds_operators_begin_with_what_differs(run: RunStages) -> None:
    named = (replace(OPERATORS[0], name="autograd::engine::evaluate_function: AddmmBackward0"),)
    table = profiles.operator_table(replace(MADE, tables=ProfileTables(20.0, STAGES, named)), run)
    assert table["Operator"].to_pylist() == ["autograd: AddmmBackward0"]


def test_at_most_thirty_operators_are_shown(run: RunStages) -> None:
    many = tuple(replace(OPERATORS[0], name=f"aten::op{number}") for number in range(80))
    assert profiles.operator_table(replace(MADE, tables=ProfileTables(20.0, STAGES, many)), run).num_rows == 30


def test_the_time_of_a_gpu_is_shown_where_there_is_one(run: RunStages) -> None:
    assert "GPU" not in profiles.stage_table(MADE, run).column_names
    found = on_gpu(MADE)
    assert profiles.stage_table(found, run)["GPU"].to_pylist() == [3.0, 0.0, 0.0]
    assert profiles.operator_table(found, run)["GPU"].to_pylist() == [3.0, 0.0]
    bars = profiles.chart_table(found, run, gpu=True).to_pylist()
    assert [(bar["part"], bar["ms"]) for bar in bars] == [("GPU kernels", 3.0), ("GPU kernels", 0), ("GPU kernels", 0)]


def test_the_bars_of_a_stage_add_up_to_its_time(run: RunStages) -> None:
    bars = profiles.chart_table(MADE, run, gpu=False).to_pylist()
    first = [bar for bar in bars if bar["stage"] == "Discriminator: score real images"]
    assert {bar["part"]: bar["ms"] for bar in first} == {"operators": 1.5, "Python and waiting": 0.5}
    assert sum(bar["share"] for bar in bars) == pytest.approx(1)


def test_the_summary_says_how_long_a_step_took_and_which_stage_takes_most(run: RunStages) -> None:
    assert profiles.summary(MADE, run) == (
        "A step took 5 ms, profiler included, on cpu with 2 CPU threads (PyTorch 2.14.1). "
        "Its longest stage, with 50%, is generator: weight update."
    )


def test_a_profile_is_named_by_its_steps(run: RunStages) -> None:
    assert profiles.title(MADE).startswith("Steps 101 to 104 (")
    assert profiles.title(replace(MADE, first=104)).startswith("Step 104 (")
    assert profiles.trace_name("20260101-000000-3fa9c2d1", MADE) == "20260101-000000-3fa9c2d1-steps-101-104.json.gz"


@pytest.mark.parametrize(
    ("done", "words"),
    [(0, "Profiling: warming up"), (3, "Profiling: 3 of 10 steps measured"), (10, "Adding up the profile")],
)
def test_the_progress_is_in_words(done: int, words: str) -> None:
    assert profiles.progress_words(done, 10) == words
