"""The words that tests/run.py takes."""

import re

import pytest

from tests.run import POSTGRES, Asked, main, parse, passes, postgres


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("", Asked()),
        ("--slow", Asked(slow=True)),
        ("--long", Asked(long=True)),
        ("--quick nodes data", Asked(("tests/nodes", "tests/data"), quick=True)),
        ("data --quick -k kept -x", Asked(("tests/data",), ("-k", "kept", "-x"), quick=True)),
        ("data/ ./tests/nodes/", Asked(("tests/data", "tests/nodes"))),
        ("tests/test_run.py::test_x --lf", Asked(("tests/test_run.py::test_x",), ("--lf",))),
    ],
)
def test_words_are_folders_and_files_up_to_the_first_option_of_pytest(words: str, asked: Asked) -> None:
    assert parse(words.split()) == asked


@pytest.mark.parametrize(
    "word",
    ["date", "nodes.py", "tests/nowhere", "pipeline", "tests/../pipeline", "tests/..", "tests/run.py", "/etc"],
)  # fmt: skip
def test_a_name_without_tests_is_refused_with_the_folders_there_are(word: str) -> None:
    with pytest.raises(SystemExit, match=rf"{re.escape(word)}.*api, augmentation, .*training"):
        parse([word])


@pytest.mark.parametrize(("word", "meant"), [("--quik", "--quick"), ("-quick", "--quick"), ("--sloww", "--slow")])
def test_a_mistyped_option_is_refused_before_anything_runs(word: str, meant: str) -> None:
    with pytest.raises(SystemExit, match=f"no option {word}: did you mean {meant}"):
        parse(["nodes", word])


@pytest.mark.parametrize("word", ["--lf", "--showlocals", "--setup-show", "-q", "-s", "-x", "--co", "--promises"])
def test_options_of_pytest_are_not_taken_for_mistyped_ones(word: str) -> None:
    assert parse([word]).options == (word,)


@pytest.mark.parametrize("words", ["--quick --slow", "--slow --long"])
def test_options_that_say_which_tests_exclude_each_other(words: str) -> None:
    with pytest.raises(SystemExit, match="give one of them"):
        parse(words.split())


def test_what_needs_the_machine_for_itself_runs_after_all_others() -> None:
    together, alone = passes(parse(["--long"]))
    assert together[:2] == ("-n", "2") and together[-1] == "not speed and not browser"
    assert alone == ("-m", "(speed or browser)")
    for words, without in (([], "not slow and not long"), (["--slow"], "not long")):
        left = [options[-1] for options in passes(parse(words))]
        assert left == [f"{each[-1]} and {without}" for each in (together, alone)]


@pytest.mark.parametrize("words", ["--quick", "nodes", "--slow nodes", "--lf"])
def test_a_part_of_the_tests_runs_in_one_process(words: str) -> None:
    assert len(passes(parse(words.split()))) == 1


def test_help_tells_the_words_and_runs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    main(["nodes", "--help"])
    assert "--quick     installs nothing" in capsys.readouterr().out


def test_postgres_is_that_of_the_environment_and_started_only_for_tests_of_stored_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("subprocess.Popen", None)
    monkeypatch.delenv(POSTGRES, raising=False)
    for words in ("--quick", "nodes", "--slow nodes data"):
        with postgres(parse(words.split())) as url:
            assert url == ""
    monkeypatch.setenv(POSTGRES, "postgresql://here")
    with postgres(parse(["runs"])) as url:
        assert url == "postgresql://here"
