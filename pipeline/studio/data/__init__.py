"""Data sets before training.

datasets.py     the report on a set, and previews of its images, from the drawing engine; begin here
data_nodes.py   from a data node to a set, and back
data_tables.py  the data of charts and tables
uploads.py      which workflows and runs use an upload; read_uploads.py: which uploads a run reads
"""
