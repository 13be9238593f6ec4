"""A training step, stage by stage, in words and data.

stage_text.py   titles and sentences, in the words of the run's family; begin here
stage_rail.py   all stages of a step, done and to come
stage_shares.py how long each stage takes, all in all
stage_facts.py  the facts about a run that these words need
stage_data.py   a stage's data as tables, charts and pictures
"""
