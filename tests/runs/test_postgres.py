"""What differs where the runs are in a Postgres database; that the rest does not, the other tests show."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from pipeline.errors.machine import CannotWrite, DatabaseUnusable, NewerDatabase, UnstorableText, UnusableDatabaseUrl
from pipeline.runs import metrics
from pipeline.runs.bundles.importing import import_bundle
from pipeline.runs.bundles.writing import write_bundle
from pipeline.runs.catalogue import search
from pipeline.runs.migrations import NEWEST
from pipeline.runs.run_filter import Order, RunFilter
from pipeline.runs.store import RunRecord, Store
from tests.postgres import LOCKED
from tests.runs.databases import POSTGRES, Server, name_of, schema_of
from tests.runs.test_migrations import FIRST_TABLES, RUN

NewRun = Callable[..., RunRecord]
DATABASES = ("postgres",)


@pytest.fixture(autouse=True)
def in_postgres(database: str) -> str:
    return database


@pytest.fixture
def empty(postgres: Server) -> Iterator[str]:
    """The URL of a database without tables."""
    with schema_of(postgres) as url:
        yield url


def changed(**parts: object) -> str:
    """The URL of the server, with other parts."""
    return make_url(os.environ[POSTGRES]).set(**parts).render_as_string(hide_password=False)


def socket_of(url: str) -> str:
    return str(make_url(url).query["host"])


def test_a_database_that_cannot_be_opened_is_refused_in_a_sentence_without_its_password(
    tmp_path: Path, postgres: Server
) -> None:
    postgres.execute(f"DROP ROLE IF EXISTS {LOCKED}")
    postgres.execute(f"CREATE ROLE {LOCKED} LOGIN PASSWORD 'right'")
    folder = socket_of(os.environ[POSTGRES])
    sentences = {
        changed(query={"host": folder, "user": LOCKED, "password": "wr0ng"}): "refuses the user or the password. Corr",
        changed(username=LOCKED, password="wr0ng", query={"host": folder}): "refuses the user or the password. Corr",
        changed(username=LOCKED, query={"host": folder}): "its server refuses the user or the password. Correct them",
        changed(database="elsewhere"): "its server has no such database. Create it with `createdb`",
        changed(username="nobody", password="wr0ng", query={"host": folder}): "has no such user. Correct the user",
        changed(query={"host": str(tmp_path)}): "its server cannot be reached: it has no socket there. Start it",
        "postgresql://ada:wr0ng@127.0.0.1:9/runs": "its server cannot be reached: no program answers there. Start it",
        "postgresql://ada:wr0ng@nowhere.invalid/runs": "cannot be reached: no host has this name. Correct the host",
        "postgresql://ada:wr0ng@localhost/runs?sslmod=on": 'invalid connection option "sslmod". Correct GENSCOPE_DATAB',
    }
    for url, sentence in sentences.items():
        with pytest.raises((DatabaseUnusable, CannotWrite)) as refused:
            Store(tmp_path, url)
        said = str(refused.value)
        assert sentence in said, said
        assert "wr0ng" not in said
        assert said.startswith("The database postgresql://")
        assert "\n" not in said


@pytest.mark.parametrize("url", ["postgresql://ada:wr0ng@host:port/runs", "wr0ng", "postgresql://[::1/runs"])
def test_what_is_no_url_is_refused_without_showing_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    monkeypatch.setenv("GENSCOPE_DATABASE_URL", url)
    with pytest.raises(
        UnusableDatabaseUrl, match=r"The database in GENSCOPE_DATABASE_URL cannot be used: .*\."
    ) as said:
        Store(tmp_path)
    assert "wr0ng" not in str(said.value)


def test_a_missing_driver_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    monkeypatch.setattr("pipeline.runs.postgres_engine.find_spec", lambda name: None)
    with pytest.raises(
        DatabaseUnusable, match=r"the package psycopg\[binary\] is not installed\. Install it with `pip install -r"
    ):
        Store(tmp_path, database)


def test_threads_that_open_a_new_database_at_the_same_time_make_its_tables_once(tmp_path: Path, empty: str) -> None:
    start, found = threading.Barrier(3), []

    def look() -> None:
        start.wait()
        with Store(tmp_path, empty) as store:
            found.append(store.recent())

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[], [], []]


def test_the_tables_of_the_first_version_are_upgraded(tmp_path: Path, empty: str, postgres: Server) -> None:
    tables = FIRST_TABLES.replace("DOUBLE", "DOUBLE PRECISION").replace("BLOB", "BYTEA")
    tables = tables.replace("id INTEGER NOT NULL", "id SERIAL NOT NULL")
    postgres.execute(f"SET search_path = {name_of(empty)}")
    postgres.execute(tables)
    postgres.execute(
        f"INSERT INTO runs VALUES ('{RUN}', '', 'paused', 40, 3000, 1, 2, '{{}}', 'cpu', 7, 64, 5, 3.5, 900, 'Ada')"
    )
    postgres.execute(f"INSERT INTO events VALUES (1, '{RUN}', 3, 1, 'paused', '', '', '{{\"by\": 2}}')")
    postgres.execute("SELECT setval('events_id_seq', 1)")
    postgres.execute("RESET search_path")
    with Store(tmp_path, empty) as store:
        record = store.run(RUN)
        assert (record.noise, record.processes, record.job, record.archived) == ("together", 1, "", False)
        store.add_event(RUN, 4, "failed", "", "", {"loss": float("inf")})
        assert [event.data for event in store.events(RUN)] == [{"by": 2}, {"loss": float("inf")}]
        with store.database.reading() as connection:
            assert connection.execute(text("SELECT version FROM schema_version")).scalars().all() == [NEWEST]


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path, empty: str) -> None:
    with Store(tmp_path, empty) as store:
        with store.database.writing() as connection:
            connection.execute(text("UPDATE schema_version SET version = 99"))
        for use in (store.database.check, lambda: Store(tmp_path, empty)):
            with pytest.raises(NewerDatabase, match=r"postgresql://.* was written by a newer Genscope"):
                use()


def test_a_reader_sees_one_state_while_others_write(store: Store, new_run: NewRun) -> None:
    run = new_run().id
    step = text("SELECT step FROM runs")
    with store.database.reading() as connection:
        assert connection.execute(step).scalar() == 0
        store.update(run, step=7)
        assert connection.execute(step).scalar() == 0
    assert store.run(run).step == 7


def test_writers_follow_one_another_and_one_that_waits_for_too_long_says_so(
    store: Store, new_run: NewRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run().id

    def count() -> None:
        for _ in range(10):
            with store.database.writing() as connection:
                step = connection.execute(text("SELECT step FROM runs")).scalar_one()
                connection.execute(text(f"UPDATE runs SET step = {step + 1}"))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.run(run).step == 40
    monkeypatch.setattr("pipeline.runs.database.WAITS_SECONDS", 0.05)
    waits = r"another process keeps it locked\. Wait for that process or end it, and try again"
    with store.database.writing(), pytest.raises(CannotWrite, match=waits):
        store.update(run, step=0)


def test_a_server_that_was_started_again_is_used_again(
    store: Store, new_run: NewRun, postgres: Server, database: str
) -> None:
    of_store = f"application_name = '{name_of(database)}'"
    end_all = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {of_store}"
    run = new_run().id
    postgres.execute(end_all)
    store.update(run, step=7)
    assert store.run(run).step == 7
    stopped = r"its server was stopped\. Start it|the connection to its server was lost"
    with pytest.raises(CannotWrite, match=stopped), store.database.writing() as connection:
        connection.execute(text("UPDATE runs SET step = 99"))
        postgres.execute(end_all)
        connection.execute(text("UPDATE runs SET step = 98"))
    assert store.run(run).step == 7


def test_numbers_that_json_does_not_know_are_stored_and_texts_with_nul_are_refused(
    store: Store, new_run: NewRun
) -> None:
    run = new_run(data={"mean": float("nan")}).id
    store.add_event(run, 1, "failed", "", "", {"loss": float("-inf")})
    assert store.events(run)[0].data == {"loss": float("-inf")}
    assert store.run(run).data_text == '{"mean": NaN}'
    metrics.append(store, run, 1, ["loss"], [[float("inf")], [float("nan")]])
    assert re.sub(r"\s+", " ", str(metrics.history(store, run, ["loss"]).series["loss"].last)) == "[inf nan]"
    with pytest.raises(UnstorableText, match=r"The text 'a\\x00b' "):
        store.update(run, note="a\0b")


def test_texts_have_the_order_that_sqlite_gives_them(store: Store, tmp_path: Path) -> None:
    names = ["b", "A", "a-c", "ab", "a c", "é", "Z", "_", "10", "9", "b"]
    other = tmp_path / "other"
    other.mkdir()
    facts = {"workflow_text": "{}", "device": "cpu", "seed": 0, "total_steps": 1, "batch_size": 1, "train_images": 1}
    with Store(other, f"sqlite:///{other}/genscope.sqlite") as sqlite:
        orders = []
        for each in (store, sqlite):
            for name in names:
                each.create(name=name, who="" if name > "b" else name, **facts)
            keys = ("name", "-name", "who", "-who", "parent", "-created")
            orders.append([[r.name for r in search(each, order=Order.parse(key)).records] for key in keys])
        assert orders[0] == orders[1]
    assert {record.name for record in search(store, RunFilter(words=("É",))).records} == {"é"}


def test_a_bundle_goes_from_one_database_to_another(tmp_path: Path, store: Store, new_run: NewRun, empty: str) -> None:
    run = new_run(data={"images": 5}).id
    metrics.append(store, run, 1, ["loss"], [[step] for step in range(5000)])
    store.add_event(run, 3, "paused", "", "Ada")
    write_bundle(store, [run], tmp_path / "runs.zip")
    other = tmp_path / "other"
    other.mkdir()
    with Store(other, empty) as elsewhere:
        import_bundle(elsewhere, tmp_path / "runs.zip", "Bob")
        assert elsewhere.run(run) == store.run(run)
        assert [event.kind for event in elsewhere.events(run)] == ["paused", "imported"]
        there, here = (metrics.history(each, run, ["loss"], 8192).series["loss"].last for each in (elsewhere, store))
        assert (there == here).all()
