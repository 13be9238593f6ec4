"""A declaration that pages or records could not live with is refused where it is made, with a sentence."""

import re

import pytest

from pipeline.errors.workflow import MisdeclaredFamily
from pipeline.families.family import Families, Family, Role, UpdateKind
from pipeline.families.words import Words
from pipeline.runs.series import Chart, Series

CHART = Chart("Loss", "loss")
SOUND = Series("loss", "what it learns by", CHART)


def family(**changes):
    sound = {
        "name": "painting",
        "title": "Painting",
        "roles": (Role("painter", "amber"),),
        "updates": (UpdateKind("painter"),),
        "series": (SOUND,),
    }
    return Family(**{**sound, **changes})


def test_a_sound_declaration_is_taken_with_every_name_that_a_sentence_can_hold():
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
        ({"roles": ("painter",)}, "its roles are no tuple of Role"),
        ({"updates": [UpdateKind("painter")]}, "its updates are no tuple of UpdateKind"),
        ({"updates": ()}, "it needs at least one role and one update"),
        ({"roles": (Role("pain/ter", "amber"),)}, "'pain/ter' cannot be the name of its role: use letters"),
        ({"roles": (Role(" ", "amber"),)}, "' ' cannot be the name of its role"),
        ({"roles": (Role("real", "green", "left"),)}, "its role 'real' is known already, with another colour or place"),
        ({"roles": (Role("a", "amber"), Role("a", "amber"))}, "its role 'a' is declared twice"),
        ({"roles": (Role("painter", "pink"),)}, "its role 'painter' has the colour 'pink': choose green, purple"),
        ({"roles": (Role("painter", "amber", "centre"),)}, "has the side 'centre': choose left, middle, right"),
        ({"updates": (UpdateKind("a", "n"), UpdateKind("b", "n"))}, "its counter 'n' is declared twice"),
        ({"updates": (UpdateKind("<b>a</b>"),)}, "'<b>a</b>' cannot be the name of its update"),
        ({"series": [SOUND]}, "its series are no tuple of Series"),
        ({"series": ("loss",)}, "its series are no tuple of Series"),
        ({"words": None}, "its words are no Words"),
        ({"words": Words(headings={"paint": 5})}, "'paint' among the headings of its words is no text"),
        ({"words": Words(tellers={"paint": "Painted."})}, "'paint' among the tellers of its words is no function"),
        ({"words": Words(terms=["loss"])}, "the terms of its words are not given by name"),
        ({"words": Words(formula=r"\mathbb{E}")}, "the formula of its words is no function"),
        ({"example": 5}, "its example is no text"),
    ],
)
def test_what_contradicts_itself_or_is_of_another_kind_is_refused(changes, fault):
    families = Families()
    known = dict(families.categories)
    with pytest.raises(MisdeclaredFamily, match=re.escape(fault)):
        families.register(family(**changes))
    assert (tuple(families), dict(families.categories)) == ((), known)


@pytest.mark.parametrize(
    ("series", "fault"),
    [
        (Series("seconds", "how long", CHART), "'seconds' is recorded of every run already"),
        (Series("images_per_second", "speed", CHART), "'images_per_second' is recorded of every run already"),
        (Series("loss", "again", CHART), "'loss' is declared twice"),
        (Series("a b", "two words", CHART), "'a b' cannot be the name of a series"),
        (Series("step", "a word of expressions", CHART), "'step' cannot be the name of a series"),
        (Series("x" * 101, "long", CHART), "is longer than 100 letters"),
        (Series("a", 3, CHART), "'a' does not say what it means"),
        (Series("a", "a number", CHART, "pink"), "'a' has the colour 'pink': choose green, purple"),
        (Series("a", "a number", CHART, "grey", "wavy"), "'a' has the dash 'wavy': choose solid, dashed"),
        (Series("a", "a number", "Loss"), "'a' has a chart that is none"),
        (Series("a", "a number", Chart("", "unit")), "'a' has a chart that is none"),
        (Series("a", "a number", Chart("A", "unit", None)), "'a' has a chart that is none"),
    ],
)
def test_a_series_that_could_not_be_recorded_or_drawn_is_refused(series, fault):
    with pytest.raises(MisdeclaredFamily, match=re.escape(fault)):
        Families().register(family(series=(SOUND, series)))
