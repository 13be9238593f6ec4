"""Several runs side by side, as the Runs page shows them.

runs_view.py    what the page shows, as query parameters; begin here
run_table.py    the table of runs; thumbnails.py has its pictures
overlay.py      one metric of each run in one chart
metric_titles.py  what metrics are called
labels.py       names that tell runs apart
settings.py     what differs between their workflows, and their results
downloads.py    runs as files to download; imports.py: runs from a bundle, and what an import did
temporary_folder.py  where both keep their file meanwhile
"""
