"""Starting, controlling, forking and reviewing runs.

training.py   start, resume, run, pause, chunk, save, live parameters; begin here
debugging.py  the debugger's commands
forking.py    what a fork starts from and what it would copy
resumed.py    from where an interrupted run can go on; what a resume restored
reproduce.py  start a run again from its record, and compare both
kept.py       the checkpoints that a run keeps, and pinning them
history.py    stored runs: progress, events, checkpoints, last grid
titles.py     nodes, parameters and events by title, not by id
periodic.py   what a periodic evaluation costs and found best
phases.py     what is idle in the current phase
plan_end.py   what is said of a run whose schedules have ended
healthy_steps.py  the last healthy step before each hint
run_facts.py  what hints know about a run besides its curves
ancestry.py   the metrics that a fork shares with its parents
"""
