import pytest

from pipeline.studio.comparison.lineage import lineage


@pytest.fixture
def fork(new_run, store):
    def make(parent, step, reached):
        run = new_run(parent=parent.id, parent_step=step)
        store.update(run.id, step=reached)
        return store.run(run.id)

    return make


def drawn(branches):
    return [(each.run.id, each.depth, each.above, each.first, each.last) for each in branches]


def test_forks_stand_below_their_run_in_the_order_of_their_steps(store, new_run, fork):
    root, alone = new_run(), new_run()
    store.update(root.id, step=100)
    root = store.run(root.id)
    late, early = fork(root, 80, 90), fork(root, 20, 60)
    nested = fork(early, 40, 50)

    assert drawn(lineage([alone, nested, late, early, root])) == [
        (alone.id, 0, None, 0, 0),
        (root.id, 0, None, 0, 100),
        (early.id, 1, 1, 20, 60),
        (nested.id, 2, 2, 40, 50),
        (late.id, 1, 1, 80, 90),
    ]


def test_a_fork_whose_parent_is_not_shown_begins_a_tree(new_run, fork):
    root = new_run()
    run = fork(root, 30, 70)

    assert drawn(lineage([run])) == [(run.id, 0, None, 30, 70)]


def test_a_fork_that_has_not_trained_has_no_length(new_run, fork):
    root = new_run()
    run = fork(root, 30, 0)

    assert lineage([root, run])[1].last == 30


def test_forks_of_forks_are_one_chain(new_run):
    runs = [new_run()]
    for step in range(50):
        runs.append(new_run(parent=runs[-1].id, parent_step=step))

    assert [each.depth for each in lineage(runs)] == list(range(51))
