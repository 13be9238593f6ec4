"""What a run knows of its CPU threads: their number is recorded with it, because results depend on it."""

from dataclasses import replace

from pipeline.engine.active_run import ActiveRun
from pipeline.formatting import thread_words
from pipeline.training.threads import available_cpus


def threads_words(run: ActiveRun) -> str:
    """ "2 CPU threads", and that they are more than this machine's CPUs if they are."""
    words, cpus = thread_words(run.threads), available_cpus()
    more = f" (this machine has {cpus:,} CPUs; the number stays, because results depend on it)"
    return words + more if run.threads > cpus else words


def record_threads(run: ActiveRun) -> None:
    """Record the number of CPU threads that the run is trained with, if it is not recorded yet."""
    if run.record.threads != run.threads:
        run.record = replace(run.record, threads=run.threads)
        run.store.update(run.id, threads=run.threads)
