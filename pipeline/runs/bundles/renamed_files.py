"""Files of a run that name it, after it was given another id."""

import json
from pathlib import Path


def name_run_in_evaluations(folder: Path, run: str) -> None:
    """Write the new id of a run into its evaluations. folder: of the run. Files that cannot be read stay as they are:
    they are ignored everywhere."""
    for path in (folder / "evaluations").glob("*.json"):
        try:
            facts = json.loads(path.read_bytes())
            facts["run"] = run
        except (ValueError, TypeError, RecursionError):
            continue
        path.write_text(json.dumps(facts), encoding="utf-8")
