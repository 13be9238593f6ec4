"""Settings against results: where values stand on their axes, and what the axes are called."""

from pages.components.runs.parallel_chart import axis_titles, chart_words, parallel_chart
from pages.components.shell.palette import Line
from pipeline.studio.comparison.settings import Axis

LINES = [Line(name, "#000000", "solid") for name in ("a", "b", "c")]


def places(axis: Axis) -> dict[str, float]:
    """Where the line of each run stands on this axis."""
    rows = parallel_chart([axis], LINES).layer[0].data
    return dict(zip(rows["run"], rows["place"], strict=True))


def test_numbers_stand_between_the_ends_of_their_axis_and_texts_in_their_order():
    assert places(Axis("loss", (2.0, 4.0, 2.5))) == {"a": 0.0, "b": 1.0, "c": 0.25}
    assert places(Axis("data", ("mnist", "digits", "svhn"))) == {"a": 0.5, "b": 0.0, "c": 1.0}


def test_a_value_that_is_not_finite_has_no_place_and_moves_no_other():
    diverged = Axis("loss", (2.0, 4.0, float("inf")))
    assert places(diverged) == {"a": 0.0, "b": 1.0}
    assert "c: loss not finite" in chart_words([diverged], LINES)


def test_long_titles_are_cut_unless_two_axes_would_then_be_one():
    alone = Axis(f"{'network ' * 5}· Learning rate", (1.0, 2.0, 3.0))
    other = Axis(f"{'network ' * 5}of another kind · Learning rate", (1.0, 2.0, 3.0))
    lines = axis_titles([alone])[0].splitlines()
    assert lines == ["network network", "network network…", "Learning rate"]
    assert len(set(axis_titles([alone, other]))) == 2


def test_a_title_of_several_words_is_whole_in_lines_that_fit_between_two_axes():
    distance = Axis("Distance to real images (lowest)", (1.0, 2.0, 3.0), "energy distance")
    (title,) = axis_titles([distance])
    assert title.splitlines() == ["Distance to real", "images", "(lowest)", "energy distance"]


def test_every_axis_shows_its_title_however_near_the_next_one_is():
    axes = [Axis(f"Adam · Parameter {number}", (1.0, 2.0, 3.0)) for number in range(8)]
    assert parallel_chart(axes, LINES).to_dict()["layer"][0]["encoding"]["x"]["axis"]["labelOverlap"] is False
