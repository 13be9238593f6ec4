"""The hint that repeats the warnings about a run's images."""

from dataclasses import replace

from pipeline.health.facts import Facts
from pipeline.health.images import data_warnings
from tests.health.made_up import codes_of, only_hint

WARNING = "Most images were left out: only 3 of 10 are used. The Data page lists the others with their reasons."


def test_the_first_warning_is_told_with_the_number_of_all(run):
    found = replace(run(), facts=Facts(data_warnings=(WARNING, "All images are grey.")))
    hint = only_hint(found, [data_warnings], "data-warnings")
    assert hint.evidence == {"warnings": 2} and hint.severity == "info"
    assert "gave 2 warnings, the first: Most images were left out: only 3 of 10 are used; The Data page" in hint.text


def test_images_without_warnings_give_no_hint(run):
    assert codes_of(run(), [data_warnings]) == []
