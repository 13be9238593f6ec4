"""What the queue has to do with one run, in sentences."""

from datetime import datetime

from pipeline.runs import queue, queue_changes
from pipeline.runs.queue_changes import Waiting
from pipeline.runtime.messages.snapshot import Snapshot
from pipeline.studio.queue.run_words import added_words, successor_words, waiting_words

NOW = datetime(2030, 1, 30, 12, 0).timestamp()
PAUSED = Snapshot(engine="ready", state="paused", run="x", name="dcgan")


def add(store, name, **facts) -> str:
    return queue_changes.add(store, [Waiting(name, "{}")], "Ada", **facts)[0]


def test_an_added_run_is_told_its_place_its_time_and_a_hold(store):
    add(store, "a")
    entry = add(store, "b", not_before=NOW + 1800)
    assert added_words(store, entry, NOW) == ("'b' waits in the queue, at place 2 of 2. It starts at 12:30 or later.")
    queue_changes.hold_all(store, "Bo")
    assert added_words(store, entry, NOW).endswith("The queue is held: nothing starts until it is released.")
    queue_changes.release_all(store)
    taken = queue.take_now(store)
    assert added_words(store, taken.id) == "'a' was added to the queue, which has started it already."


def test_a_paused_run_keeps_only_those_waiting_that_could_start_now(store):
    assert waiting_words(store, PAUSED, NOW) == ""
    held, _ = add(store, "held"), add(store, "later", not_before=NOW + 60)
    queue_changes.hold(store, [held])
    add(store, "a")
    assert waiting_words(store, PAUSED, NOW) == "1 run waits for this one: 'a'."
    for name in "bcd":
        add(store, name)
    assert waiting_words(store, PAUSED, NOW) == "4 runs wait for this one: 'a', 'b' and 2 more."
    assert waiting_words(store, Snapshot(engine="ready", state="running", run="x"), NOW) == ""
    queue_changes.hold_all(store, "Bo")
    assert waiting_words(store, PAUSED, NOW) == ""


def test_a_run_that_ended_is_followed_by_one_of_the_queue_or_by_none(store, new_run):
    former, other = new_run(), new_run(name="next")
    store.update(former.id, state="finished")
    now = Snapshot(engine="ready", state="running", run=other.id, name="next")
    assert successor_words(store, store.run(former.id), now) == "", "a user has started it"
    queue.became(store, add(store, "next"), other.id)
    assert successor_words(store, store.run(former.id), now) == (
        "This run has ended, and the queue has started the next one: 'next', which Ada added."
    )
    assert successor_words(store, store.run(other.id), now) == ""
