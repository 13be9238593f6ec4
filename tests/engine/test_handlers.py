"""Every command has exactly one handler, with its command type and answer type."""

from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest

from pipeline.engine import drawing_worker, evaluation_worker, worker
from pipeline.engine.debug_commands import DEBUG_COMMANDS
from pipeline.engine.run_commands import RUN_COMMANDS
from pipeline.runtime.messages.answers import Done
from pipeline.runtime.messages.commands import Cancel, Command, TrainingCommand
from pipeline.runtime.messages.drawing_commands import DrawingCommand
from pipeline.runtime.messages.evaluation_commands import EvaluationCommand
from pipeline.runtime.messages.wire import AnyCommand

HANDLED: list[tuple[type[Command[Any]], Any]] = [
    *worker.HANDLERS.items(),
    *drawing_worker.HANDLERS.items(),
    *evaluation_worker.HANDLERS.items(),
]


def test_each_engine_handles_its_own_commands_and_no_others() -> None:
    assert set(worker.HANDLERS) == set(get_args(TrainingCommand))
    assert set(drawing_worker.HANDLERS) == set(get_args(DrawingCommand))
    assert set(evaluation_worker.HANDLERS) == set(get_args(EvaluationCommand))
    assert not RUN_COMMANDS.keys() & DEBUG_COMMANDS.keys()


def test_every_command_except_cancel_has_one_handler() -> None:
    assert sorted(str(command) for command, _ in HANDLED) == sorted(map(str, set(get_args(AnyCommand)) - {Cancel}))


@pytest.mark.parametrize(("command", "handler"), HANDLED)
def test_a_handler_has_the_types_of_its_command_and_answer(command: type[Command[Any]], handler: Any) -> None:
    hints = get_type_hints(handler)
    assert hints["command"] is command
    answer = hints["return"]
    assert (Done if answer is NoneType else answer) is command.answer_type()
