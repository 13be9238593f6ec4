"""The script for CUDA machines: without one it says so; what it does there also works on the CPU."""

import pytest
import torch

from tests.gpu import prove
from tests.gpu.machine import Row


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_without_a_gpu_one_line_says_that_nothing_ran(capsys):
    assert prove.main([]) == 0
    assert capsys.readouterr().out == f"{prove.NOT_RUN}\n"


def test_its_checks_work_on_the_cpu(capsys, one_thread):
    only = ["optimizers", "bf16", "streaming", "resume", "memory"]
    deterministic = torch.backends.cudnn.deterministic
    try:
        code = prove.main(["--device", "cpu", "--quick", "--only", *only])
    finally:
        torch.backends.cudnn.deterministic = deterministic
    out = capsys.readouterr().out
    assert code == 0, out
    assert out.count("\nok ") == 7
    assert "mlp-gan, resumed at step 2" in out and "the same bit by bit" in out
    assert "not measured: no GPU" in out


def test_a_failure_is_told_counted_and_does_not_keep_others_from_running(capsys, monkeypatch):
    def fails(machine):
        yield Row("first", "as it has to be", True)
        raise RuntimeError("the driver is gone")

    monkeypatch.setattr("tests.gpu.processes.speeds", fails)
    assert prove.main(["--device", "cpu", "--only", "speed", "memory"]) == 1
    out = capsys.readouterr().out
    assert "NO speed" in out and "failed: the driver is gone" in out
    assert "not measured: no GPU" in out and "3 rows" in out


def test_every_check_has_a_name_to_ask_for_it():
    from tests.gpu.checks import CHECKS

    assert (*CHECKS, "ranks", "speed") == prove.NAMES
