from dataclasses import replace

from pipeline.studio.comparison.labels import LONGEST, labels


def named(run, **names):
    """Records with these names, by the end of their id."""
    return [replace(run, id=f"20261129-120000-{end}", name=name) for end, name in names.items()]


def test_a_run_is_called_by_its_name(new_run):
    assert list(labels(named(new_run(), aaaa1111="dcgan", bbbb2222="vae")).values()) == ["dcgan", "vae"]


def test_runs_of_one_name_are_told_apart_by_their_ids(new_run):
    runs = named(new_run(), aaaa1111="dcgan", bbbb2222="dcgan", cccc2222="dcgan", dddd3333="vae")
    assert list(labels(runs).values()) == [
        "dcgan (1111)",
        "dcgan (20261129-120000-bbbb2222)",
        "dcgan (20261129-120000-cccc2222)",
        "vae",
    ]


def test_long_names_are_cut_and_empty_ones_named(new_run):
    long, empty = labels(named(new_run(), aaaa1111="word " * 50, bbbb2222=" ")).values()
    assert len(long) == LONGEST and long.endswith("…") and empty == "unnamed"
