"""Jobs: runs that a cluster's queue trains, submitted by submitit: by Slurm, or on this machine where there is none.

    resources.py      what a job asks for, in Slurm's words, with checks; begin here
    jobs.py           a job's record and its folder, private to the user: `home/jobs/JOB`
    planning.py       a workflow, a stored run or a fork -> a job, checked before anything is submitted
    submission.py     submits a job, in a process of its own
    executor.py       submitit's executor with the job's resources, in that process; the batch file
    cluster.py        which cluster trains: Slurm, or this machine
    slurm.py          what Slurm's commands answer: partitions, the queue; cancelling
    local_jobs.py     whether a job on this machine is still running; ending it
    states.py         the state of a job in words, from its files and the queue's answer
    queue_watch.py    the queue's last answer, asked for in a thread, so that no page waits
    cancelling.py     cancels a job
    logs.py           the last lines of each task's output
    task.py           the environment of one task, as torchrun sets it

The folder imports no torch, and submitit only in `executor.py` and `task.py`. What a job runs is
`pipeline/command/job_worker.py`: the same as `torchrun -m pipeline train`.

A job goes on after a time limit or a preemption: the leader saves, and submitit queues the job again. Whoever starts a
job looks first whether it already has a run, so that a job killed without a warning goes on from its last checkpoint.
"""
