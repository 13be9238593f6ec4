"""Every template trains as recorded: the metrics of its first steps are bit-identical.

On other machines they are compared with a tolerance (`tests/recorded/machine.py`) and only for the very first steps:
training amplifies differences in the last bit, in large networks tenfold within a few steps, and after fifty steps two
machines have diverged.
"""

from pathlib import Path

import pytest

from tests.recorded.machine import differences, facts
from tests.recorded.record_templates import FILES, NAMES, SIZES, STEPS, furnish, losses, recorded, recorded_on

HERE, ELSEWHERE = {"quick": STEPS, "whole": 20}, {"quick": 10, "whole": 2}
"""Number of steps compared on an equal machine and on another one. A step of whole networks can need half a
second."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    furnish(folder)
    return folder


def test_every_template_is_recorded():
    templates = Path(__file__).parents[2] / "pipeline" / "templates"
    assert sorted(path.stem for path in templates.glob("*.json")) == list(NAMES)
    assert {len(each) for size in FILES for name in NAMES for each in recorded(size, name).values()} == {STEPS}


@pytest.mark.parametrize("name", NAMES)
def test_a_template_with_small_networks_trains_as_recorded(home: Path, name: str):
    assert off("quick", name, home) == {}


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", NAMES)
def test_a_template_trains_as_recorded(home: Path, name: str):
    assert off("whole", name, home) == {}


def off(size: str, name: str, home: Path) -> dict[str, str]:
    """Series of the template's first steps that differ from the recorded ones, or were not recorded -> how."""
    machine = recorded_on(name)
    steps = (HERE if facts() == machine else ELSEWHERE)[size]
    found = losses(SIZES[size](name), home, steps)
    expected = {series: each[:steps] for series, each in recorded(size, name).items()}
    new = {series: "was not recorded" for series in found if series not in expected}
    return new | differences(found, expected, machine)
