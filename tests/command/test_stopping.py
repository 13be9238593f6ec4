"""A run that is told to stop: by Ctrl-C, by SIGTERM."""


def test_ctrl_c_finishes_the_step_and_saves(run: Run, home: Path) -> None:
    threading.Timer(3.0, os.kill, [os.getpid(), signal.SIGINT]).start()
    code, facts, err = run("train", TEMPLATE, *SMALL_OPTIONS, "--steps", 1_000_000)
    assert code == 130
    assert facts["state"] == "paused"
    assert f"--resume {facts['run']}" in err
    with Store(home) as store:
        assert store.files(facts["run"]).checkpoints()[-1][0] == facts["step"] == store.run(facts["run"]).step


def test_sigterm_ends_the_process_with_everything_saved(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "train", str(TEMPLATE), *SMALL_OPTIONS, "--steps", "1000000", "--json"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment(tmp_path), **pipes) as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.terminate()
        out, _ = process.communicate(timeout=120)
    facts = only_object(out)
    assert process.returncode == 143
    with Store(tmp_path) as store:
        assert store.run(facts["run"]).state == "paused"
        assert store.files(facts["run"]).checkpoints()[-1][0] == facts["step"]
