"""Derives the classes and the split of pictures from the folders that they are in.

    1.png, 2.png                            no classes
    cats/1.png, dogs/2.png                  the first folder is the class
    photos/cats/1.png, photos/dogs/2.png    folders around everything are ignored, at any depth
    train/cats/1.png, test/cats/2.png       folders named like parts of a split, with classes inside
    cats/train/1.png, cats/test/2.png       … or inside the classes, if there are several

What does not fit is left out, each picture with one reason: loose pictures beside a split or the folders of classes,
folders beside a split, and the folders beside loose pictures if the loose ones are more.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.data.files.natural import in_order, one_form
from pipeline.data.files.split_folders import Side, Split, find_split, is_generic, looks_like_part_of_a_split, read_name
from pipeline.formatting import listed

BESIDE_SPLIT = "it is next to the folders of the split, not in one"
NOT_OF_SPLIT = "it is in a folder that is neither for training nor held out"
BESIDE_CLASSES = "it is next to the class folders, not in one"
BESIDE_LOOSE = "it is in a folder next to more pictures, which are the set"
WITHOUT_CLASS = "it is in no class folder, unlike the training images"


class Placed(NamedTuple):
    """A picture in use. folder: its class folder, "" without classes. inner: the folder inside of it, or ""."""

    name: str
    folder: str
    held_out: bool
    inner: str = ""


@dataclass
class FolderStructure:
    """What the folders say about pictures. left_out: the reason for each picture that is not in `placed`. split:
    whether the source has a split of its own."""

    placed: list[Placed] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    split: bool = False
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class _Path(NamedTuple):
    """A picture, and the parts of its name that are still to be interpreted."""

    name: str
    parts: Sequence[str]

    @property
    def loose(self) -> bool:
        return len(self.parts) == 1

    def inside(self) -> "_Path":
        return _Path(self.name, self.parts[1:])


def folder_structure(pictures: Sequence[str], *, classed: bool = True) -> FolderStructure:
    """The classes and the split of pictures, in the given order. classed: False if folders are not classes, since a
    table has the labels; then only a split's strays are left out."""
    found = FolderStructure()
    paths = [_Path(name, name.split("/")) for name in pictures]
    while True:
        loose = [path for path in paths if path.loose]
        inside = [path for path in paths if not path.loose]
        folders = in_order({path.parts[0] for path in inside})
        if split := _split(folders, inside):
            _leave_out(found, loose, BESIDE_SPLIT)
            _place_split(found, split, inside, classed)
            break
        if not inside or (loose and not classed):
            found.placed = [Placed(path.name, "", False) for path in paths]
            break
        if loose:
            if _is_set(loose, inside):
                _leave_out(found, inside, BESIDE_LOOSE)
                found.placed = [Placed(path.name, "", False) for path in loose]
                break
            _leave_out(found, loose, BESIDE_CLASSES)
            paths = inside
        if len(folders) == 1 and any(len(path.parts) > 2 for path in paths):
            if looks_like_part_of_a_split(folders[0]):
                found.notes.append(f"All pictures are in the folder {folders[0]}: it is not taken as a split.")
            paths = [path.inside() for path in paths]
        elif len(folders) > 1 and _one_side(folders):
            found.warnings.append(
                f"The folders {listed(folders)} are all of one side of a split: their pictures are used together."
            )
            paths = [path.inside() for path in paths]
        elif len(folders) > 1 and (around := _around_split(folders, paths)):
            # data/train, data/test, thumbnails.
            _leave_out(found, [path for path in paths if path.parts[0] != around], NOT_OF_SPLIT)
            paths = [path.inside() for path in paths if path.parts[0] == around]
        elif len(folders) > 1 and classed and _split_inside_classes(paths):
            _place_split_inside_classes(found, paths)
            break
        else:
            flat = not classed or (len(folders) == 1 and is_generic(folders[0]))
            found.placed = [_placed(path, False, classed=not flat) for path in paths]
            break
    # Back in the given order.
    places = {name: place for place, name in enumerate(pictures)}
    found.placed.sort(key=lambda each: places[each.name])
    return found


def _leave_out(found: FolderStructure, paths: Iterable[_Path], reason: str) -> None:
    found.left_out.update((path.name, reason) for path in paths)


def _placed(path: _Path, held_out: bool, *, classed: bool) -> Placed:
    if not classed:
        return Placed(path.name, "", held_out)
    return Placed(path.name, path.parts[0], held_out, path.parts[1] if len(path.parts) > 2 else "")


def _is_set(loose: Sequence[_Path], inside: Sequence[_Path]) -> bool:
    """Whether the loose pictures are the set, and not the folders beside them: the larger part is meant."""
    single = len({path.parts[0] for path in inside}) == 1
    return len(loose) > len(inside) or (single and len(loose) == len(inside))


def _one_side(folders: Sequence[str]) -> bool:
    """Whether folders are all named like one side of a split, such as val and test."""
    names = [read_name(folder) for folder in folders]
    return all(name.side and not name.rest for name in names) and len({name.side for name in names}) == 1


def _split(folders: Sequence[str], inside: Sequence[_Path]) -> Split | None:
    """The split that folders beside each other form. With folders of one side only, what lies in them decides."""
    if found := find_split(folders):
        return found
    sides: dict[str, Side] = {}
    for folder in folders:
        name = read_name(folder)
        if name.side and not name.rest:
            sides[folder] = name.side
    others = [folder for folder in folders if folder not in sides]
    if not sides or not others:
        return None
    within: dict[str, set[str]] = {folder: set() for folder in folders}
    for path in inside:
        if len(path.parts) > 2:
            within[path.parts[0]].add(one_form(path.parts[1]))
    if set(sides.values()) == {"train"}:
        only_it_has_classes = all(within[folder] for folder in sides) and not any(within[folder] for folder in others)
        if only_it_has_classes or all(map(looks_like_part_of_a_split, others)):
            return Split(sides, dict.fromkeys(sides, ""), tuple(others))
        return None
    held_out = set[str]().union(*(within[folder] for folder in sides))
    if held_out and held_out <= set(map(one_form, others)):
        # cats, dogs, test/cats, test/dogs.
        return Split({**sides, **dict.fromkeys(others, "train")}, {**dict.fromkeys(sides, ""), **_own(others)}, ())
    return None


def _own(folders: Iterable[str]) -> dict[str, str]:
    return {folder: folder for folder in folders}


def _place_split(found: FolderStructure, split: Split, inside: Sequence[_Path], classed: bool) -> None:
    beside = [path for path in inside if path.parts[0] not in split.sides]
    _leave_out(found, beside, NOT_OF_SPLIT)
    parts: dict[str, list[_Path]] = {}
    for path in inside:
        if path.parts[0] in split.sides:
            parts.setdefault(path.parts[0], []).append(path.inside())
    if classed:
        plain = {folder: paths for folder, paths in parts.items() if not split.classes[folder]}
        parts |= _unwrapped(plain)
        for folder, name in split.classes.items():
            if name:
                parts[folder] = [_Path(path.name, (name, *path.parts)) for path in parts[folder]]
    train = [path for folder, paths in parts.items() if split.sides[folder] == "train" for path in paths]
    held_out = [path for folder, paths in parts.items() if split.sides[folder] == "held out" for path in paths]
    found.split = bool(held_out)
    names = {side: listed([each for each in parts if split.sides[each] == side]) for side in ("train", "held out")}
    if held_out and not any(split.classes[each] == each for each in split.classes):
        found.notes.append(f"For training: {names['train']}. Held out: {names['held out']}.")
    if not classed:
        found.placed = [
            Placed(path.name, "", side) for side, paths in ((False, train), (True, held_out)) for path in paths
        ]
        return
    with_class = any(not path.loose for path in train)
    train_loose = [path for path in train if path.loose]
    train_inside = [path for path in train if not path.loose]
    if train_loose and train_inside:
        with_class = not _is_set(train_loose, train_inside)
        dropped, train = (train_loose, train_inside) if with_class else (train_inside, train_loose)
        _leave_out(found, dropped, BESIDE_CLASSES if with_class else BESIDE_LOOSE)
    if with_class:
        _leave_out(found, [path for path in held_out if path.loose], WITHOUT_CLASS)
        before, held_out = held_out, [path for path in held_out if not path.loose]
        # A source whose held-out images are all left out still says so.
        found.split = bool(before)
    elif any(not path.loose for path in held_out):
        found.warnings.append(
            f"The training images in {names['train']} are in no class folders, so the folders in {names['held out']} "
            "are not used as classes."
        )
    found.placed = [
        _placed(path, side, classed=with_class) for side, paths in ((False, train), (True, held_out)) for path in paths
    ]


def _unwrapped(parts: dict[str, list[_Path]]) -> dict[str, list[_Path]]:
    """The parts of a split without folders around the classes of each, such as train/images/cat."""
    while True:
        single: dict[str, str] = {}
        deep: set[str] = set()
        for part, paths in parts.items():
            folders = {path.parts[0] for path in paths if not path.loose}
            if len(folders) == 1:
                single[part] = folders.pop()
            if any(len(path.parts) > 2 for path in paths):
                deep.add(part)
        # training_set/training_set: unpacked into a folder of its own name.
        around = {part for part, folder in single.items() if is_generic(folder) or folder == part}
        if not around and len(single) == len(parts) == len(deep):
            around = set(parts)
        if not around:
            return parts
        parts = {
            part: [path.inside() if part in around and not path.loose else path for path in paths]
            for part, paths in parts.items()
        }


def _split_inside_classes(paths: Sequence[_Path]) -> bool:
    """Whether every folder has parts of a split in it: cats/train, cats/test."""
    if any(len(path.parts) < 3 for path in paths):
        return False
    names = [read_name(each) for each in {path.parts[1] for path in paths}]
    return all(name.side and not name.rest for name in names) and len({name.side for name in names}) == 2


def _around_split(folders: Sequence[str], paths: Sequence[_Path]) -> str:
    """The only one of these folders that has a split in it, "" if there is none, or if there are several."""
    within: dict[str, set[str]] = {folder: set() for folder in folders}
    for path in paths:
        if len(path.parts) > 2:
            within[path.parts[0]].add(path.parts[1])
    found = [folder for folder in folders if find_split(within[folder])]
    sided = [folder for folder in folders if any(looks_like_part_of_a_split(each) for each in within[folder])]
    return found[0] if len(found) == 1 and sided in ([], found) else ""


def _place_split_inside_classes(found: FolderStructure, paths: Sequence[_Path]) -> None:
    found.split = True
    counts: Counter[bool] = Counter()
    for path in paths:
        held_out = read_name(path.parts[1]).side == "held out"
        counts[held_out] += 1
        rest = (path.parts[0], *path.parts[2:])
        found.placed.append(_placed(_Path(path.name, rest), held_out, classed=True))
    found.notes.append("Each class folder has its own folders for training and for held-out images.")
