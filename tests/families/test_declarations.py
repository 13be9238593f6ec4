"""Declarations that pages or records cannot handle are refused at registration, with a reason."""

import re

import pytest

from pipeline.errors.workflow import MisdeclaredFamily
from pipeline.families.family import Families, Family, Role, UpdateKind
from pipeline.families.words import Words
from pipeline.runs.series import Chart, Series

CHART = Chart("Loss", "loss")
SOUND = Series("loss", "training loss", CHART)


def family(**changes):
    sound = {
        "name": "painting",
        "title": "Painting",
        "roles": (Role("painter", "amber"),),
        "updates": (UpdateKind("painter"),),
        "series": (SOUND,),
    }
    return Family(**{**sound, **changes})


def test_a_valid_declaration_is_registered_with_names_of_several_words():
    families = Families()
    roles = (Role("fine-tuned painter_2", "amber"), Role("B", "sky", "middle"))
    assert families.register(family(roles=roles)).roles == roles
    assert families.categories["fine-tuned painter_2"].colour == "amber"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ""}, "it has no name"),
        ({"title": None}, "it has no title"),
        ({"roles": ()}, "it needs at least one role and one update"),
        ({"roles": ("painter",)}, "its roles are not a tuple of Role"),
        ({"updates": [UpdateKind("painter")]}, "its updates are not a tuple of UpdateKind"),
        ({"updates": ()}, "it needs at least one role and one update"),
        ({"roles": (Role("pain/ter", "amber"),)}, "'pain/ter' cannot be the name of its role: use letters"),
        ({"roles": (Role(" ", "amber"),)}, "' ' cannot be the name of its role"),
        ({"roles": (Role("real", "green", "left"),)}, "its role 'real' already exists with another colour or side"),
        ({"roles": (Role("a", "amber"), Role("a", "amber"))}, "its role 'a' is declared twice"),
        ({"roles": (Role("painter", "pink"),)}, "its role 'painter' has the colour 'pink': choose green, purple"),
        ({"roles": (Role("painter", "amber", "centre"),)}, "has the side 'centre': choose left, middle, right"),
        ({"updates": (UpdateKind("a", "n"), UpdateKind("b", "n"))}, "its counter 'n' is declared twice"),
        ({"updates": (UpdateKind("<b>a</b>"),)}, "'<b>a</b>' cannot be the name of its update"),
        ({"series": [SOUND]}, "its series are not a tuple of Series"),
        ({"series": ("loss",)}, "its series are not a tuple of Series"),
        ({"words": None}, "its words are not an instance of Words"),
        ({"words": Words(headings={"paint": 5})}, "'paint' among the headings of its words is not a string"),
        (
            {"words": Words(describers={"paint": "Painted."})},
            "'paint' among the describers of its words is not a function",
        ),
        ({"words": Words(terms=["loss"])}, "the terms of its words are not a mapping from names"),
        ({"words": Words(formula=r"\mathbb{E}")}, "the formula of its words is not a function"),
        ({"example": 5}, "its example is not a string"),
    ],
)
def test_a_contradictory_or_wrongly_typed_declaration_is_refused(changes, fault):
    families = Families()
    known = dict(families.categories)
    with pytest.raises(MisdeclaredFamily, match=re.escape(fault)):
        families.register(family(**changes))
    assert (tuple(families), dict(families.categories)) == ((), known)


@pytest.mark.parametrize(
    ("series", "fault"),
    [
        (Series("seconds", "how long", CHART), "already records a series 'seconds'"),
        (Series("images_per_second", "speed", CHART), "already records a series 'images_per_second'"),
        (Series("loss", "again", CHART), "'loss' is declared twice"),
        (Series("a b", "two words", CHART), "'a b' cannot be the name of a series"),
        (Series("step", "a word of expressions", CHART), "'step' cannot be the name of a series"),
        (Series("x" * 101, "long", CHART), "is longer than 100 characters"),
        (Series("a", 3, CHART), "'a' has no meaning"),
        (Series("a", "a number", CHART, "pink"), "'a' has the colour 'pink': choose green, purple"),
        (Series("a", "a number", CHART, "grey", "wavy"), "'a' has the dash 'wavy': choose solid, dashed"),
        (Series("a", "a number", "Loss"), "'a' has an invalid chart"),
        (Series("a", "a number", Chart("", "unit")), "'a' has an invalid chart"),
        (Series("a", "a number", Chart("A", "unit", None)), "'a' has an invalid chart"),
    ],
)
def test_a_series_that_could_not_be_recorded_or_drawn_is_refused(series, fault):
    with pytest.raises(MisdeclaredFamily, match=re.escape(fault)):
        Families().register(family(series=(SOUND, series)))
