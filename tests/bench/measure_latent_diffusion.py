"""How good the digits of the template latent-diffusion are after minutes of training on one CPU thread.

    python -m tests.bench.measure_latent_diffusion

Trains the template with three seeds (20 minutes on an idle core), as the engine does: with sample grids, their
measurements, and checkpoints, all within the time. Time is that of the process on the CPU. The distance is Fréchet's on
the features of a small digit classifier, of 500 images with classes in turn, made by 20 steps of Heun without guidance;
its floor, that of the 500 held-out images, is 2.1. "Recognised" is the share of images that the classifier takes for
the class asked for.

    seed  CPU seconds  steps  distance  recognised  grid of 64 (s)
       0           96    800     50.92       0.486       3.60
       0          184  1,100     15.19       0.748       3.48
       0          360  1,698      6.60       0.856       3.17
       1           95    800     42.49       0.610       3.69
       1          185  1,100     16.05       0.796       3.81
       1          360  1,697      6.86       0.870       3.63
       2           90    812     45.39       0.526       2.71
       2          180  1,167     15.59       0.786       2.66
       2          360  1,832      6.17       0.864       3.19

Measured while other programs used both cores, which makes a CPU second shorter: on an idle machine, the first seed came
to 16.1 after 90 s, 6.7 after 180 s and 4.8 after 240 s without grids, and a grid took 2.0 s.
"""

import argparse
import multiprocessing
import tempfile
import time
from pathlib import Path

import torch

from pipeline.engine import launching
from pipeline.engine.active_run import ActiveRun
from pipeline.evaluation.features import digits as digit_features
from pipeline.graph.edit import apply_settings
from pipeline.metrics.frechet_distance import squared_distance
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.checked_workflow import check_workflow
from pipeline.runs.store import Store
from pipeline.studio.workflows import open_template
from pipeline.training.sampler import draw_images

MARKS = (90, 180, 360)
"""Seconds on the CPU after which images are judged."""
COUNT, GRID = 500, 64
UNGUIDED = ("sampling.solver=heun", "sampling.steps=20", "sampling.guidance=1")


def train(seed: int) -> None:
    """Train the template with this seed, and print a row of the table at each mark."""
    torch.set_num_threads(1)
    settings = (f"training.seed={seed}", "training.threads=1", "training.device=cpu", "training.total_steps=100000")
    workflow = apply_settings(open_template("latent-diffusion"), (*settings, *UNGUIDED), NODES)
    with tempfile.TemporaryDirectory() as folder:
        run = launching.start(Store(Path(folder)), check_workflow(workflow), "")
        spent = 0.0
        for mark in MARKS:
            while spent < mark:
                begin = time.process_time()
                run.advance(run.total_steps, lambda: False)
                spent += time.process_time() - begin
            found, recognised = judge(run)
            print(
                f"{seed:>4}  {spent:>11.0f}  {run.step:>5,}  {found:>8.2f}  {recognised:>10.3f}"
                f"  {grid_seconds(run):>9.2f}",
                flush=True,
            )
        run.close()


def judge(run: ActiveRun) -> tuple[float, float]:
    """The distance from the training images of images of the averaged weights, and the share that is recognised."""
    experiment = run.trainer.experiment
    latents = experiment.sampler.latents(COUNT, seed=1)
    made = torch.from_numpy(draw_images(experiment.sampler, run.trainer.state.networks_of("ema"), latents))
    images = made.permute(0, 3, 1, 2).float() / 127.5 - 1
    train = experiment.images.train
    features = [digit_features.features(each).numpy() for each in (images, train.batch(torch.arange(train.count)))]
    assert latents.labels is not None
    return squared_distance(*features), (digit_features.digits(images) == latents.labels).float().mean().item()


def grid_seconds(run: ActiveRun) -> float:
    """Seconds on the CPU that a grid takes."""
    sampler, begin = run.trainer.experiment.sampler, time.process_time()
    draw_images(sampler, run.trainer.state.networks_of("ema"), sampler.latents(GRID, seed=2))
    return time.process_time() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="seeds of the runs")
    print("seed  CPU seconds  steps  distance  recognised  grid of 64 (s)")
    for seed in parser.parse_args().seeds:
        process = multiprocessing.get_context("spawn").Process(target=train, args=(seed,))
        process.start()
        process.join()


if __name__ == "__main__":
    main()
