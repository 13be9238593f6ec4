"""Facts of the data sets: torch-free, and the default needs no download."""

import subprocess
import sys

from pipeline.data.sets import FACTS


def test_the_sets_are_known_by_their_names() -> None:
    assert list(FACTS) == [
        *("mnist-5k", "mnist", "fashion-mnist", "kmnist", "cifar-10"),
        *("bloodmnist", "petals", "digits"),
    ]
    assert all(name == facts.name and facts.title for name, facts in FACTS.items())


def test_the_whole_set_is_the_training_images_and_the_held_out_ones() -> None:
    assert FACTS["mnist-5k"].shape == (5_000, 1, 28, 28)
    assert FACTS["digits"].shape == (1_797, 1, 8, 8)


def test_five_sets_need_a_download_and_the_first_does_not() -> None:
    needing = [name for name, facts in FACTS.items() if facts.download]

    assert needing == ["mnist", "fashion-mnist", "kmnist", "cifar-10", "bloodmnist"]
    assert {name: FACTS[name].held_out for name in needing} == dict.fromkeys(needing, 10_000) | {"bloodmnist": 5_133}


def test_every_class_has_a_name() -> None:
    assert all(len(set(facts.class_names)) == facts.classes for facts in FACTS.values())


def test_facts_load_no_torch() -> None:
    code = "import sys; import pipeline.data.sets; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
