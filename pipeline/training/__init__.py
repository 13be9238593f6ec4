"""Training: an Experiment holds the built parts of a run, and a Trainer trains them step by step.

    experiment.py          the Experiment that nodes build, and its initial TrainState
    parts.py, settings.py  the parts of an Experiment that every family has; optimizer_part.py, that of an optimizer
    stages.py              Operation, Update, Stage: the structure of a training step
    update_operations.py   the operations that every update has: real images, autocast, gradients, optimizer step
    schedule.py            learning rate schedules; torch-free
    state.py               TrainState: everything that training changes; Captured: an in-memory copy of it
    step_plan.py           the updates of the next step, and what they need before it begins
    stage_runner.py        runs single stages
    stage_clock.py         where the time of training goes: seconds of each stage
    step_metrics.py        per-step metrics, kept on the device until they are read
    trainer.py             Trainer: runs single stages or whole slices with the same code
    sampler.py             how a family generates images; streams.py: their random numbers; condition.py: their class
    path_drawing.py        moments on the way from noise to images; interpolation.py: noise between two images
    standalone.py          how a file without Genscope draws a run's images
    scores.py, coding.py   optional parts of a family: scores and codes of images; checkup.py, measurements
    inference.py           run networks between two steps without affecting training
    transfer.py            copy weights and optimizer states to a fork
    weights_file.py        read weights from a file of any origin; given_weights.py begins a run with them
    checkpoint.py          checkpoint folders: atomic save, verified load
    node_errors.py         turn exceptions of a node's code into errors that name the node
    same_state.py          whether all processes of a run hold the same state
    threads.py             choose the number of CPU threads of a run

Begin with experiment.py, then trainer.py. A model family (families/) builds an Experiment with its own updates; this
package is independent of the family.
Of workflows and nodes, training knows only node ids.
"""
