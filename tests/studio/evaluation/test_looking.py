"""The evaluation engine is asked for images until it has them."""

from dataclasses import replace

import pytest

from pipeline.errors.training import CommandRefused
from pipeline.runtime.messages.evaluation_commands import FindMemorised
from pipeline.runtime.messages.image_answers import MemorisedImages
from pipeline.studio.evaluation import looking

COMMAND = FindMemorised(run="a", step=4, count=20, shown=6)
AGAIN = replace(COMMAND, again=True)


class Engine:
    """Gives these answers in turn, and raises those that are errors."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def ask(self, command):
        self.asked.append(command)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr(looking, "ASK_SECONDS", 0.0)


def test_it_begins_again_and_then_waits_while_it_says_what_is_done():
    known, told = MemorisedImages(total=3), []
    engine = Engine(
        MemorisedImages(doing="Drawing images", share=0.2), MemorisedImages(doing="Drawing images", share=0.6), known
    )
    assert looking.look(engine, COMMAND, AGAIN, lambda *facts: told.append(facts)) is known
    assert engine.asked == [AGAIN, COMMAND, COMMAND]
    assert told == [("Drawing images", 0.2), ("Drawing images", 0.6)]


def test_what_stops_it_reaches_the_one_who_looks():
    refused = CommandRefused("ReadingStopped", "Stopped while drawing images.", 130)
    engine = Engine(MemorisedImages(doing="Drawing images"), refused)
    with pytest.raises(CommandRefused, match="Stopped while drawing images"):
        looking.look(engine, COMMAND, AGAIN, lambda *facts: None)
