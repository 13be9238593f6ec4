"""The server's functions for user actions and for what pages show, shared by pages and the command line. Torch-free.

workflows.py  open, check, change and save workflows; begin here
drafts.py     the workflow that a browser edits, kept with its undo history
run/          start, control, debug and fork runs; stored runs
charts/       the data of charts
comparison/   several runs side by side
jobs/         jobs on a cluster
stages/       a step, stage by stage, in the words of its family
inspect/      probes over time, activations, saliency, codes
film/         the film strip
data/         data sets before training, and uploads
evaluation/   how good a run's images are
sampling.py   draw from a checkpoint
estimate.py   what a run will take, before it is started: time and disk; evaluation_cost.py: its periodic evaluation
sample_matrix.py  a matrix of samples: checkpoints and seeds
networks.py   the layers of a workflow's networks
family.py     what a run's family of models offers to pages
health.py     hints, with the parameters to change
tour.py       the steps of the first tour
manual.py     the README's sections
"""
