"""The uploads that a run reads go out with it."""

from collections.abc import Callable
from pathlib import Path

from pipeline.data.files.opening import UPLOADS
from pipeline.graph import document
from pipeline.runs.store import RunRecord, Store
from pipeline.studio import workflows
from pipeline.studio.data.data_nodes import replace_data
from pipeline.studio.data.datasets import DataChoice
from pipeline.studio.data.read_uploads import uploads_of
from tests.data.files.pictures import png, write


def test_an_upload_is_found_by_name_and_by_path_and_nothing_else_is(
    home: Path, tmp_path: Path, new_run: Callable[..., RunRecord]
) -> None:
    write(home / UPLOADS / "photos.zip", {"1.png": png()})
    write(tmp_path / "elsewhere.zip", {"1.png": png()})

    def read_from(source: str) -> tuple[str, ...]:
        choice = DataChoice(source, 28)
        text = document.write(replace_data(workflows.open_template("dcgan"), choice).workflow)
        return uploads_of(new_run(workflow_text=text), at_home)

    with Store(home) as at_home:
        assert read_from("photos.zip") == read_from(str(home / UPLOADS / "photos.zip")) == ("photos.zip",)
        assert read_from("none.zip") == read_from(str(tmp_path / "elsewhere.zip")) == ()
        assert uploads_of(new_run(workflow_text="no workflow"), at_home) == ()
