"""Jobs: what pages and the command line show of them, submit and cancel.

job_rows.py    jobs with their states and runs; begin here
job_words.py   a job and its resources in words
submitting.py  submit a workflow, a stored run or a fork
"""
