"""One small set in each layout in which large sets come, with the images in the same order."""

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.data.files.pictures import png, write

CLASSES = ("cat", "dog", "fox")
EACH = 11
CONTENTS = {f"{name}/{number}.png": png(9, 12, 3, 100 * label + number)
            for label, name in enumerate(CLASSES) for number in range(EACH)}  # fmt: skip
"""Images by name, in the order of their folder."""


def folder(path: Path) -> Path:
    return write(path, CONTENTS)


def tar(path: Path, members: Mapping[str, bytes], mode: str = "w") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def tars(path: Path, shards: int = 3) -> Path:
    """Shards as WebDataset writes them, with the label in a .cls."""
    names = list(CONTENTS)
    for shard in range(shards):
        members: dict[str, bytes] = {}
        for row in range(shard * len(names) // shards, (shard + 1) * len(names) // shards):
            members[f"{row:04}.png"] = CONTENTS[names[row]]
            members[f"{row:04}.cls"] = str(CLASSES.index(names[row].partition("/")[0])).encode()
        tar(path / f"images-{shard:03}.tar", members)
    return path


def parquet(path: Path, rows: Sequence[Mapping[str, Any]], metadata: Mapping[str, str] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows)
    pq.write_table(table.replace_schema_metadata(metadata), path, row_group_size=4)
    return path


def named(*classes: str) -> dict[str, str]:
    """Metadata that names the classes of the column `label`, as Hugging Face's `datasets` writes them."""
    feature = {"names": classes, "_type": "ClassLabel"}
    return {"huggingface": json.dumps({"info": {"features": {"label": feature}}})}


def parquets(path: Path, shards: int = 2) -> Path:
    """Parquet files as Hugging Face's `datasets` writes them, with the names of the classes in the metadata."""
    rows = [{"image": {"bytes": content, "path": name}, "label": CLASSES.index(name.partition("/")[0])}
            for name, content in CONTENTS.items()]  # fmt: skip
    for shard in range(shards):
        part = rows[shard * len(rows) // shards : (shard + 1) * len(rows) // shards]
        parquet(path / "data" / f"train-{shard:05}-of-{shards:05}.parquet", part, named(*CLASSES))
    return path
