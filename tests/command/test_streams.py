"""Output that is closed, full or in a poor encoding: no command ends in a traceback."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import __main__ as command_line
from pipeline.command.streams import SafeStream
from pipeline.runs.home import home as make_home
from pipeline.runs.store import Store

ROOT = Path(command_line.__file__).parent.parent
TEMPLATE = ROOT / "pipeline" / "templates" / "mlp-gan.json"
needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


def shell(command: str) -> tuple[int, str, str]:
    """Run `P …` in a shell: exit code, standard output, standard error."""
    words = command.replace("P ", f"{sys.executable} -m pipeline ", 1)
    done = subprocess.run(["bash", "-c", words], cwd=ROOT, capture_output=True, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


@pytest.fixture
def named_run(home: Path) -> str:
    with Store(make_home()) as store:
        return store.create(
            name="größer ✓", workflow_text="", device="cpu", seed=0, total_steps=1, batch_size=1, train_images=1, who=""
        ).id


@needs_full_device
@pytest.mark.parametrize("command", ["P nodes", "P runs --json", "P --help"])
def test_an_answer_that_does_not_fit_on_the_disk_is_a_failure_with_a_sentence(command: str, named_run: str) -> None:
    code, _, err = shell(f"{command} > /dev/full")
    assert (code, err) == (1, "The answer could not be written to standard output: no space left on device.\n")


@pytest.mark.parametrize("command", ["P check --json WORKFLOW", "P runs"])
def test_closed_standard_output_is_a_failure_with_a_sentence(command: str, named_run: str) -> None:
    code, _, err = shell(f"{command.replace('WORKFLOW', str(TEMPLATE))} >&-")
    assert (code, err) == (1, "The answer could not be written to standard output: it is closed.\n")


def test_closed_standard_error_does_not_stop_training(home: Path) -> None:
    """The number of the closed stream must not be given to the database either."""
    code, out, _ = shell(f"P train {TEMPLATE} --steps 2 --json 2>&-")
    assert code == 0 and '"step": 2' in out
    with Store(make_home()) as store:
        assert store.resolve("latest").step == 2


@needs_full_device
def test_a_refusal_that_nobody_can_read_keeps_its_exit_code(home: Path) -> None:
    assert shell("P check nowhere.json 2> /dev/full")[0] == 2
    assert shell("P check nowhere.json >&- 2>&-")[0] == 2


def test_a_poor_encoding_gets_escapes(named_run: str) -> None:
    code, out, err = shell(f"PYTHONIOENCODING=ascii {sys.executable} -m pipeline runs")
    assert (code, err) == (0, "")
    assert r"gr\xf6\xdfer \u2713" in out


def test_a_stream_whose_reader_has_gone_is_quiet_from_then_on() -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(32, "Broken pipe")

    stream = SafeStream(Gone())
    assert stream.write("one") == 3
    stream.write("two")
    stream.flush()
    assert stream.left and stream.fault == "broken pipe" and not stream.isatty()
