"""What a loaded run's numbers depend on besides its workflow: recorded when it begins, compared when it goes on."""

import torch

from pipeline.engine.active_run import ActiveRun
from pipeline.nodes.run_data import findings_of
from pipeline.runs import environment
from pipeline.runs.environment import Environment


def present(run: ActiveRun) -> Environment:
    """That of this process and this run."""
    device = run.trainer.experiment.settings.device
    model = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    data = environment.hash_of([each.hashes for each in findings_of(run.record.data).values()])
    return Environment.here(str(device), model, run.threads, data)


def keep(run: ActiveRun) -> None:
    """Record it with a run that has just begun. Raises CannotWrite."""
    environment.save(run.files, present(run))


def changed(run: ActiveRun) -> list[str]:
    """What differs from the beginning of the run, as clauses; [] for runs of older versions, which recorded nothing."""
    before = environment.load(run.files)
    return before.differences(present(run)) if before else []
