"""`train` across the boundary of two phases: encoding shows its progress, and is not repeated when the run resumes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.graph import document
from tests.families.diffusion.workflows import AUTOENCODER_STEPS, IMAGES, small_latent

Run = Callable[..., tuple[int, dict[str, Any], str]]


def test_encoding_shows_its_progress_once(run: Run, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "latent.json"
    path.write_text(document.write(small_latent()), encoding="utf-8")
    code, facts, err = run("train", path, "--steps", AUTOENCODER_STEPS + 1)
    assert code == 0 and f"Encoding images {IMAGES:,} of {IMAGES:,}\n" in err
    assert len(list((home / "latents").iterdir())) == 1
    code, facts, err = run("train", "--resume", facts["run"], "--steps", 2)
    assert code == 0 and facts["step"] == AUTOENCODER_STEPS + 3 and "Encoding images" not in err
