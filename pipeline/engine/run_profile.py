"""A profile of a loaded run: taken while the run is trained, then added up and kept with the run."""

import time
from contextlib import suppress

from pipeline.engine.active_run import ActiveRun
from pipeline.errors.training import CannotProfile
from pipeline.formatting import counted
from pipeline.inspection.profiling import StepProfiler, versions
from pipeline.inspection.trace_file import read_trace
from pipeline.inspection.trace_tables import tables
from pipeline.processes.group import process_count
from pipeline.runs import profiles
from pipeline.runs.atomic_files import make_folder
from pipeline.runs.profile_records import Profile


class RunProfile:
    """Listens to the next steps of a run until `finish` or `abandon`. steps: how many it is to measure, after one more
    to warm up. ended: whether it has all that it will have."""

    def __init__(self, run: ActiveRun, steps: int, who: str) -> None:
        """who: user name for the run's event. Raises CannotWrite, CannotProfile."""
        self._run = run
        self._who = who
        # A disk that takes no file is known before the steps are trained.
        make_folder(profiles.folder_of(run.files))
        try:
            self._profiler = StepProfiler(run.trainer, steps)
        except RuntimeError as error:
            raise CannotProfile(str(error)) from error

    @property
    def ended(self) -> bool:
        return self._profiler.ended

    @property
    def progress(self) -> tuple[int, int]:
        """How many steps are measured, and how many are to be."""
        return self._profiler.measured, self._profiler.steps

    def finish(self) -> Profile | None:
        """Keep with the run what is measured by now, and return it; None if nothing is. Raises CannotWrite,
        CannotProfile."""
        done, wanted = self.progress
        self._profiler.stop(f"Training ended after {done:,} of {counted(wanted, 'measured step')}.")
        if not done:
            return None
        made = self._saved(self._profiler.first, self._profiler.first + done - 1)
        steps = f"step {made.first:,}" if done == 1 else f"steps {made.first:,} to {made.last:,}"
        self._run.event("profiled", f"Profiled {steps}", self._who, {"first": made.first, "last": made.last})
        return made

    def abandon(self) -> None:
        """Listen no more, and keep nothing. Raises nothing: a device that has failed may also fail the profiler."""
        with suppress(RuntimeError):
            self._profiler.stop()

    def _saved(self, first: int, last: int) -> Profile:
        run, profiler = self._run, self._profiler
        on_cpu = run.trainer.state.device.type != "cuda"
        with profiles.workplace(run.files) as folder:
            trace = folder / "trace.json"
            profiler.write(trace)
            try:
                found = tables(read_trace(trace), profiler.stages, on_cpu=on_cpu)
            except (ValueError, LookupError, TypeError) as error:
                raise CannotProfile(f"the trace cannot be read ({error})") from error
            made = Profile(
                first, last, time.time(), run.device, run.threads, versions(), profiler.cut, found, process_count()
            )
            profiles.save(run.files, made, trace)
        return made
