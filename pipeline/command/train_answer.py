"""What `train` answers: what was trained, and where the run stands."""

from typing import TYPE_CHECKING

from pipeline.command.answer import CommandResult
from pipeline.engine.stop_signals import Stop
from pipeline.formatting import counted, duration, number, visible

if TYPE_CHECKING:
    from pipeline.engine.active_run import ActiveRun
    from pipeline.engine.foreground_run import Driven

CLOCK = ("images_per_second", "seconds")
"""Metrics of the last slice that the text leaves out, since it has the same figures over all steps."""


def answer_of(run: "ActiveRun", driven: "Driven", stop: Stop) -> CommandResult:
    """What was trained and the state of the run."""
    from pipeline.engine.run_threads import threads_words
    from pipeline.processes.group import process_count
    from pipeline.studio.run.periodic import sentences

    evaluated = run.measurements.evaluation.facts if run.measurements.evaluation else None
    steps, seconds, exit_code = driven.steps, driven.seconds, stop.exit_code if driven.told else 0
    findings = run.trainer.experiment.images.findings
    state = "finished" if run.step >= run.total_steps else "paused"
    speed = steps * run.record.batch_size / seconds if seconds else 0.0
    facts = {
        "run": run.id,
        "name": run.record.name,
        "state": state,
        "device": run.device,
        "threads": run.threads,
        "processes": process_count(),
        "step": run.step,
        "total_steps": run.total_steps,
        "steps": steps,
        "seconds": seconds,
        "images_per_second": speed,
        "stopped": driven.stopped,
        "images": None if findings is None else findings.as_dict(),
        "metrics": dict(run.metrics),
        "evaluation": None if evaluated is None else evaluated.as_dict(run.trainer.state.seconds),
    }
    lines = [
        f"Run {run.id} is {state} at step {run.step:,} of {run.total_steps:,} and saved.",
        f"{counted(steps, 'step')} in {duration(seconds)}, {number(speed)} images/s, on {run.device} with "
        f"{threads_words(run)}",
        *(f"{name} {number(value)}" for name, value in run.metrics.items() if name not in CLOCK and value == value),
    ]
    if evaluated is not None and evaluated.times:
        lines.append(f"Periodic evaluation: {sentences(evaluated, run.trainer.state.seconds)}")
    if state == "paused":
        # Whoever trained in several processes means to go on in as many.
        start = f"torchrun --nproc-per-node={process_count()}" if process_count() > 1 else "python"
        early = "Stopped early. " if exit_code else ""
        lines.append(f"{early}To resume: {start} -m pipeline train --resume {run.id}")
    return CommandResult(facts, "\n".join(map(visible, lines)), exit_code)
