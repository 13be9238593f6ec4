"""Converting the engine's answer on codes for pages."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from pipeline.runtime.messages.answers import CodesPlane, CodesView, Reconstruction
from pipeline.runtime.messages.commands import LookAtCodes
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.inspect.codes import look_at_codes, mean_error

VIEW = CodesView(
    step=7,
    groups={
        "held-out": (Reconstruction(b"a", 0.5),),
        "real": (Reconstruction(b"b", 0.3), Reconstruction(b"c", 0.4)),
    },
    labels=(1, 0),
    planes={
        "variance": CodesPlane(((1.0, 2.0), (3.0, 4.0)), (4, 2), (0.6, 0.25)),
        "components": CodesPlane(((0.0, 0.0), (1.0, 0.0)), (), (1.0, 0.0)),
    },
)


@pytest.fixture
def asked():
    commands = []

    def ask(command, timeout):
        commands.append(command)
        return VIEW

    return SimpleNamespace(ask=ask, commands=commands)


def test_pictures_are_grouped_by_set_and_points_get_class_names(asked):
    found = look_at_codes(asked, Snapshot(run="r"), 3, 2, ("cat", "dog"))
    (command,) = asked.commands
    assert command == LookAtCodes(first=3, count=2, run="r")
    assert [pair.png for pair in found.groups["held-out"]] == [b"a"]
    assert [(pair.png, pair.error) for pair in found.groups["real"]] == [(b"b", 0.3), (b"c", 0.4)]
    plane = found.planes["variance"]
    assert plane.points.to_pylist() == [{"x": 1.0, "y": 2.0, "class": "dog"}, {"x": 3.0, "y": 4.0, "class": "cat"}]
    assert plane.axes == ("unit 4, 60 % of the variance", "unit 2, 25 % of the variance")
    assert found.planes["components"].axes[1] == "second component, 0 % of the variance"
    assert mean_error(found.groups["real"]) == pytest.approx(0.3536, abs=1e-4)


def test_unnamed_classes_are_numbers_and_a_single_unit_has_no_second_axis(asked):
    single = {"variance": CodesPlane(((1.0, 0.0),), (1,), (1.0, 0.0))}
    asked.ask = lambda command, timeout: replace(VIEW, labels=(9,), groups={}, planes=single)
    plane = look_at_codes(asked, Snapshot(run="r"), 1, 1).planes["variance"]
    assert plane.points["class"].to_pylist() == ["9"]
    assert plane.axes == ("unit 1, 100 % of the variance", "no second unit")
