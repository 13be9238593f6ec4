"""The Data page: choose a data set, read it, and see what it contains.

data_choice.py      choose a set and its preparation; begin here
data_reading.py     progress and cancel while a set is read
data_report.py      counts, sizes, duplicates and broken files; its charts in data_charts.py
data_images.py      images: original, prepared and augmented
data_use.py         put the set into the workflow
upload_shelf.py     uploads in the sidebar
"""
