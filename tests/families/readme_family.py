"""The family of the README's section "A family of your own", written to a folder exactly as printed there."""

import re
from pathlib import Path

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Custom families of models")[2].partition("\n## ")[0]


def write_family(folder: Path) -> Path:
    """Write the two files to `folder/my_nodes` and the workflow next to it; return the folder of the nodes."""
    nodes = folder / "my_nodes"
    nodes.mkdir()
    for name, text in re.findall(r"`([\w./]+)`:\n\n```\w+\n(.*?)```", SECTION, re.DOTALL):
        (folder / name).write_text(text, encoding="utf-8")
    return nodes
