"""The signals by which a cluster ends a job: none ends the process, and the first asks to stop."""

import os
import signal

from pipeline.command.taking_part import outlast_signals
from pipeline.engine.job_stop import NOTICE, JobStop


def test_signals_that_follow_one_another_only_ask_to_stop_and_the_notice_asks_to_be_queued_again() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, NOTICE)}
    with JobStop() as stop:
        with stop:
            assert not stop.asked()
            os.kill(os.getpid(), signal.SIGTERM)
            assert (stop.asked(), stop.requeue) == (True, False)
        os.kill(os.getpid(), NOTICE)
        os.kill(os.getpid(), NOTICE)
        assert (stop.exit_code, stop.requeue) == (128 + NOTICE, True)
    assert {number: signal.getsignal(number) for number in before} == before


def test_a_task_that_follows_leaves_the_decision_to_the_leader() -> None:
    with JobStop(leads=False) as stop:
        for number in (signal.SIGTERM, NOTICE):
            os.kill(os.getpid(), number)
        assert not stop.asked() and not stop.requeue


def test_a_cancelled_job_of_several_processes_is_told_to_stop() -> None:
    with JobStop() as stop:
        outlast_signals()
        with stop:
            os.kill(os.getpid(), signal.SIGTERM)
        assert stop.asked()
