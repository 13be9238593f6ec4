"""Training: finished parts come in as an Experiment, a Trainer drives its state step by step.

    experiment.py              the Experiment that nodes build; how a state begins
    parts.py, optimizer_part.py, settings.py    what it is made of, whatever is trained
    stages.py                  Operation, Update, Stage: what a training step is made of
    real_batch.py              how every update begins: the next real images
    optimization.py, precision.py    how it ends: gradients and optimizers; the precision in between
    schedule.py                how the learning rate goes over the run; torch-free
    state.py                   TrainState: everything that training changes; copies of it in memory
    step_metrics.py                    the metrics of steps, on the device until they are read
    trainer.py                 Trainer: stages slowly, slices fast, the same code for both
    sampler.py, streams.py, condition.py    how images are made, of what random numbers, and what they are asked to be
    scores.py, coding.py, checkup.py    what a family may add: scores of images, codes of images, measurements
    inference.py               networks between two steps, without touching their training
    transfer.py                what a fork takes along
    checkpoint.py              a state in a folder: atomic save, checked load
    node_errors.py                   whose fault it is
    threads.py                 how many CPU threads this machine trains fastest with

Begin with experiment.py, then trainer.py. A family of models (families/) makes an Experiment out of its own updates;
nothing here knows what is trained.

May import data/, models/, objectives/, runs/ and errors/; knows nothing of workflows and nodes but their ids.
"""
