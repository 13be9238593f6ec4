"""What a run knows of its CPU threads and processes: both numbers are recorded, because results depend on them."""

from dataclasses import replace

from pipeline.engine.active_run import ActiveRun
from pipeline.formatting import counted, thread_words
from pipeline.processes.group import process_count
from pipeline.training.threads import available_cpus


def threads_words(run: ActiveRun) -> str:
    """ "2 CPU threads", in how many processes, and that they are more than this machine's CPUs if they are."""
    words, cpus, count = thread_words(run.threads), available_cpus(), process_count()
    if count > 1:
        words += f" in each of {count:,} processes"
    more = f" (this machine has {cpus:,} CPUs; the number stays, because results depend on it)"
    return words + more if run.threads > cpus else words


def processes_remark(run: ActiveRun) -> str:
    """That the workflow asks for several processes and others train the run, as a sentence; "" if that is not so."""
    wanted, count = run.checked.training.processes, process_count()
    if wanted in (1, count):
        return ""
    asked = counted(wanted, "process", "processes")
    return f"The training node asks for {asked}; torchrun started {count:,}, and that number counts."


def record_threads(run: ActiveRun) -> None:
    """Record the numbers of CPU threads and processes that the run is trained with, if they are not recorded yet."""
    threads, processes = run.threads, process_count()
    if (run.record.threads, run.record.processes) != (threads, processes):
        run.record = replace(run.record, threads=threads, processes=processes)
        run.store.update(run.id, threads=threads, processes=processes)
