"""Training: finished parts come in as an Experiment, a Trainer drives its state step by step.

    parts.py, experiment.py    what nodes build: parts, and the Experiment that is made of them
    stages.py                  Operation, Update, Stage: what a training step is made of
    adversarial.py             one family's step: discriminator k times, then generator
    autoencoding.py            another's: one update of encoder and decoder together
    coding.py                  the parts of that family; how images become codes and images again
    drawing_real.py            how every family's update begins: the next real images
    moving.py, precision.py    how it ends: gradients and optimizers; the precision in between
    schedule.py                how the learning rate goes over the run; torch-free
    state.py                   TrainState: everything that training changes; copies of it in memory
    rows.py                    the metrics of steps, on the device until they are read
    trainer.py                 Trainer: stages slowly, slices fast, the same code for both
    drawing.py                 images and codes from networks, without touching their training
    checkpoint.py              a state in a folder: atomic save, checked load
    threads.py                 how many CPU threads this machine trains fastest with

Begin with experiment.py, then trainer.py. A further family of models is one file beside adversarial.py and
autoencoding.py that makes an Experiment out of its own updates; nothing else here knows what is trained.

May import data/, models/, objectives/, runs/ and errors/; knows nothing of workflows and nodes but their ids.
"""
