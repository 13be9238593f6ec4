"""A run survives when the server stops or is killed; `test_runs.py` kills the engine too."""

import signal
import time
from collections.abc import Callable

import pytest

from pipeline.bench.server import is_alive
from tests.browser.screen import Visit
from tests.browser.server import Server

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
