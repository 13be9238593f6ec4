"""Metrics of stored runs as tables for other programs.

    run_rows.py       the rows of one run, block by block: begin here. Wide: a row per step; long: a row per value
    csv_files.py      one run as CSV; several runs as CSV, wide or long
    parquet_files.py  one or several runs as Parquet, wide or long
    progress.py       the callback of long exports

Memory does not grow with the length of a run. A file appears only when it is complete: whatever is raised on the way,
also by the progress callback or by Ctrl-C, leaves nothing. What a run keeps besides metrics goes out as event files of
TensorBoard (`event_files/`) or as a bundle (`bundles/`).
"""
