"""Opening a database of an older version, and of a newer one."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from pipeline import VERSION
from pipeline.errors.machine import DatabaseUnusable, NewerDatabase
from pipeline.runs import metrics
from pipeline.runs.migrations import NEWEST
from pipeline.runs.store import Store

FIRST_TABLES = """
CREATE TABLE runs (
    id VARCHAR(24) NOT NULL,
    name TEXT NOT NULL,
    state VARCHAR(16) NOT NULL,
    step BIGINT NOT NULL,
    total_steps BIGINT NOT NULL,
    created DOUBLE NOT NULL,
    updated DOUBLE NOT NULL,
    workflow_text TEXT NOT NULL,
    device TEXT NOT NULL,
    seed BIGINT NOT NULL,
    batch_size INTEGER NOT NULL,
    train_images INTEGER NOT NULL,
    seconds DOUBLE NOT NULL,
    images_per_second DOUBLE NOT NULL,
    who TEXT NOT NULL,
    parent VARCHAR(24),
    parent_step BIGINT,
    error_node TEXT,
    error TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(parent) REFERENCES runs (id)
);
CREATE TABLE events (
    id INTEGER NOT NULL,
    run VARCHAR(24) NOT NULL,
    step BIGINT NOT NULL,
    time DOUBLE NOT NULL,
    kind VARCHAR(32) NOT NULL,
    text TEXT NOT NULL,
    who TEXT NOT NULL,
    data JSON,
    PRIMARY KEY (id),
    FOREIGN KEY(run) REFERENCES runs (id)
);
CREATE INDEX ix_events_run ON events (run);
CREATE TABLE series (
    id INTEGER NOT NULL,
    run VARCHAR(24) NOT NULL,
    name VARCHAR(100) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (run, name),
    FOREIGN KEY(run) REFERENCES runs (id)
);
CREATE TABLE metric_blocks (
    series INTEGER NOT NULL,
    first_step BIGINT NOT NULL,
    points INTEGER NOT NULL,
    low DOUBLE,
    high DOUBLE,
    last DOUBLE,
    cells BLOB NOT NULL,
    raw BLOB NOT NULL,
    PRIMARY KEY (series, first_step),
    FOREIGN KEY(series) REFERENCES series (id)
);
"""
"""The tables of the program's first version, which had no version number."""

RUN = "20260101-120000-0123abcd"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A home with a database of the first version that contains one run."""
    with sqlite3.connect(tmp_path / "genscope.sqlite") as connection:
        connection.executescript(FIRST_TABLES)
        values = (RUN, "digits", "paused", 40, 3000, 1.0, 2.0, "{}", "cpu", 7, 64, 5000, 3.5, 900.0, "Ada")
        connection.execute(f"INSERT INTO runs VALUES ({', '.join('?' * len(values))}, NULL, NULL, NULL, NULL)", values)
    connection.close()
    return tmp_path


def opened(home: Path) -> Store:
    return Store(home, f"sqlite:///{home}/genscope.sqlite")


def asked(home: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(home / "genscope.sqlite")
    found = connection.execute(query).fetchall()
    connection.close()
    return found


def create(store: Store, **facts: object) -> str:
    usual = {"name": "", "workflow_text": "{}", "device": "cpu", "seed": 0, "total_steps": 1, "batch_size": 1}
    return store.create(**{**usual, "train_images": 1, "who": "", **facts}).id


def test_the_runs_of_an_old_database_keep_their_way_of_drawing_noise(old: Path) -> None:
    with opened(old) as store:
        record = store.run(RUN)
        assert (record.name, record.step, record.who) == ("digits", 40, "Ada")
        assert (record.version, record.noise) == (None, "together")
        store.update(RUN, step=50)
        metrics.append(store, RUN, 1, ["loss"], [[0.5]])
        assert (store.run(RUN).step, metrics.history(store, RUN).points) == (50, 1)
    assert asked(old, "SELECT version FROM schema_version") == [(NEWEST,)]


def test_a_new_run_records_its_version_and_draws_noise_per_image(old: Path, tmp_path: Path) -> None:
    with opened(old) as store:
        made = store.run(create(store))
        assert (made.version, made.noise) == (VERSION, "each")
        assert store.run(create(store, parent=RUN, parent_step=40, noise="together")).noise == "together"


def test_an_old_database_and_a_new_one_have_the_same_tables_in_the_end(old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    for home in (old, new):
        opened(home).close()
    for table in ("runs", "events", "series", "metric_blocks", "measurement_blocks", "schema_version"):
        assert asked(old, f"PRAGMA table_info({table})") == asked(new, f"PRAGMA table_info({table})")
    assert asked(new, "SELECT version FROM schema_version") == [(NEWEST,)]


WORKFLOW = """{
  "name": "caf\u00e9",
  "prompt": {
    "data": {
      "class_type": "ImageFiles",
      "inputs": {
        "source": "photos",
        "held_out": 0.1
      }
    },
    "grid": {
      "class_type": "SampleGrid",
      "inputs": {
        "training": [
          "data",
          0
        ]
      }
    }
  }
}
"""


def test_old_runs_keep_the_rules_by_which_their_files_were_read(old: Path) -> None:
    with sqlite3.connect(old / "genscope.sqlite") as connection:
        connection.execute("UPDATE runs SET workflow_text = ?", (WORKFLOW,))
    connection.close()
    with opened(old) as store:
        found = store.run(RUN).workflow_text
        assert found == WORKFLOW.replace('"held_out": 0.1', '"held_out": 0.1,\n        "rules": "0.3"')
        # A new run is made with today's rules.
        assert store.run(create(store, workflow_text=WORKFLOW)).workflow_text == WORKFLOW


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", "[]", "nonsense", '{"prompt": 3}', '{"prompt": {"a": 1}}', "[" * 100_000,
        '{"prompt": {"a": {"class_type": "ImageFiles"}}}',
        '{"prompt": {"a": {"class_type": "ImageData", "inputs": {}}}}',
        '{"prompt": {"a": {"class_type": "ImageFiles", "inputs": {"rules": "0.4"}}}}',
    ],
)  # fmt: skip
def test_a_stored_text_without_image_files_to_stamp_is_left_alone(text: str, old: Path) -> None:
    with sqlite3.connect(old / "genscope.sqlite") as connection:
        connection.execute("UPDATE runs SET workflow_text = ?", (text,))
    connection.close()
    opened(old).close()
    assert asked(old, "SELECT workflow_text FROM runs") == [(text,)]


def test_opening_again_changes_nothing(old: Path) -> None:
    opened(old).close()
    before = (old / "genscope.sqlite").read_bytes()
    opened(old).close()
    assert (old / "genscope.sqlite").read_bytes() == before


OPEN = """
import pathlib, sys
from pipeline.runs.store import Store
home = pathlib.Path(sys.argv[1])
with Store(home, f"sqlite:///{home}/genscope.sqlite") as store:
    print(len(store.recent()))
"""


def test_processes_that_open_an_old_database_at_the_same_time_change_it_once(old: Path) -> None:
    command = [sys.executable, "-W", "error", "-c", OPEN, str(old)]
    openings = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for opening in openings:
        told, complaints = opening.communicate(timeout=120)
        assert (opening.returncode, told) == (0, "1\n"), complaints
    assert asked(old, "SELECT version FROM schema_version") == [(NEWEST,)]


def test_threads_that_open_an_old_database_at_the_same_time_change_it_once(old: Path) -> None:
    found: list[str] = []
    start = threading.Barrier(4)

    def look() -> None:
        start.wait()
        with opened(old) as store:
            found.append(store.run(RUN).noise)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["together"] * 4
    assert asked(old, "SELECT version FROM schema_version") == [(NEWEST,)]


def test_a_database_of_a_newer_version_is_refused_and_left_alone(old: Path) -> None:
    opened(old).close()
    with sqlite3.connect(old / "genscope.sqlite") as connection:
        connection.execute("UPDATE schema_version SET version = 99")
    connection.close()
    before = (old / "genscope.sqlite").read_bytes()
    with pytest.raises(NewerDatabase, match=r"have version 99, .* versions up to \d+\. Update Genscope, or set"):
        opened(old)
    assert (old / "genscope.sqlite").read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM schema_version",
        "INSERT INTO schema_version VALUES (1)",
        "UPDATE schema_version SET version = -1",
        "UPDATE schema_version SET version = 'one'",
    ],
)
def test_a_database_without_a_valid_version_is_refused_and_left_alone(old: Path, damage: str) -> None:
    opened(old).close()
    with sqlite3.connect(old / "genscope.sqlite") as connection:
        connection.execute(damage)
    connection.close()
    before = (old / "genscope.sqlite").read_bytes()
    with pytest.raises(DatabaseUnusable, match="its table schema_version must hold one version number"):
        opened(old)
    assert (old / "genscope.sqlite").read_bytes() == before


def test_unexpected_tables_are_reported_and_left_alone(old: Path) -> None:
    opened(old).close()
    with sqlite3.connect(old / "genscope.sqlite") as connection:
        connection.execute("DROP TABLE schema_version")
    connection.close()
    with pytest.raises(DatabaseUnusable, match="cannot be used: duplicate column name: version"):
        opened(old)
    with sqlite3.connect(old / "genscope.sqlite") as connection:
        connection.execute("CREATE TABLE schema_version (version INTEGER NOT NULL)")
        connection.execute(f"INSERT INTO schema_version VALUES ({NEWEST})")
    connection.close()
    with opened(old) as store:
        assert store.run(RUN).noise == "together"
