"""One writer and eight readers on one home, as in `measure_readers.py` but for five seconds."""

from pathlib import Path

import pytest

from tests.bench.readers import read_while_writing


@pytest.mark.slow
def test_eight_processes_read_whole_slices_while_one_writes_and_nothing_is_lost(tmp_path: Path) -> None:
    found = read_while_writing(tmp_path, seconds=5, readers=8)
    print(found)
    assert found.faults == ()
    assert found.lost == 0
    assert found.written > 0 and found.read > 0
