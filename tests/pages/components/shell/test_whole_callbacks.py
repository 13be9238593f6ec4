"""That no click is lost to the next one. tests/pages/test_drafts.py tests what happens to an edit."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[4]


def test_one_thread_at_a_time_changes_a_session():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert config["runner"]["fastReruns"] is False
