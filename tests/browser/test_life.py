"""A run survives when the server stops, the server is killed or the engine is killed."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.screen import SOON, Visit
from tests.browser.server import Server, is_alive
from tests.promises import Promise

pytestmark = pytest.mark.browser

WaitFor = Callable[..., None]


@pytest.mark.slow
def test_a_server_that_stops_leaves_a_checkpoint_and_no_process(
    own_server: Server, visit: Visit, wait_for: WaitFor
) -> None:
    screen = visit(own_server)
    screen.press("Start training")
    screen.reaches(1)
    run, engine = screen.run, own_server.engine
    screen.close()
    own_server.end(signal.SIGTERM)
    assert is_alive(engine)
    wait_for(lambda: not is_alive(engine))
    with own_server.store() as store:
        record = store.run(run)
        assert record.state == "paused"
        assert record.step >= 1
        assert store.files(run).checkpoints()[-1][0] == record.step


@pytest.mark.slow
def test_a_run_continues_while_its_server_is_killed_and_restarted(own_server: Server, visit: Visit) -> None:
    screen = visit(own_server)
    screen.press("Start training")
    screen.reaches(1)
    run, engine, step = screen.run, own_server.engine, screen.step
    screen.close()
    own_server.end(signal.SIGKILL)
    time.sleep(2)
    own_server.start()
    again = visit(own_server, "Train")
    again.is_running()
    again.reaches(step + 1)
    assert own_server.engine == engine
    with own_server.store() as store:
        assert [record.id for record in store.recent(9)] == [run]


def test_a_killed_engine_is_reported_and_its_run_can_be_resumed_from_the_last_checkpoint(
    own_server: Server, visit: Visit, promise: Promise
) -> None:
    screen = visit(own_server)
    screen.press("Start training")
    screen.reaches(1)
    run, killed = screen.run, own_server.engine
    began = time.monotonic()
    os.kill(killed, signal.SIGKILL)
    screen.says("The engine has ended (signal 9)")
    promise("the page says that the engine was killed", time.monotonic() - began, SOON)
    expect(screen.button("Step")).to_be_disabled()
    screen.press("Resume from the last checkpoint")
    screen.is_running()
    screen.reaches(1)
    assert screen.run == run
    assert own_server.engine not in (0, killed)
