"""Bundles: runs as one file, which another Genscope imports whole.

    writing.py      writes runs to a bundle: begin here
    importing.py    adds the runs of a bundle to a home
    archive.py      the file: a zip without compression, with a hash of itself; writing, opening, verifying
    manifest.py     its table of contents, and which names its entries may have
    run_tables.py   the rows of a run in the database, as entries of a bundle
    prepared_blocks.py  its values, made ready before they are added
    run_files.py    which files go into a bundle; renamed_files.py: which of them name their run

    bundle.json                          format, program's version, runs, name and size and SHA-256 of every entry
    runs/<id>/record.json                the record and the tags
    runs/<id>/events.json
    runs/<id>/series.json                names of the series, and where their values begin
    runs/<id>/values.f32, points.bin     values of every step; steps and values of measurements
    runs/<id>/files/…                    checkpoints, grids, probes, evaluations and so on, as they are in the home
    uploads/…                            uploaded images
    autoencoders/…                       copies of the autoencoders that the runs build on

A bundle is verified before anything is written: its own hash, sizes and hashes of all entries, names (none leads out of
the home), and what the rows say. Nothing is compressed, since weights and pictures hardly shrink; so no small file can
unpack to a large one.
"""
