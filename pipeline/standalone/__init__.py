"""A run as one Python file that needs neither Genscope nor the run: its networks, its preprocessing, its sampler.

    module_source.py   the expression that makes a network: its layers, by name
    expressions.py     how expressions look
    excerpt.py         the sources of functions and classes of this package, with all that they use
    script.py          the end of every such file: images from seeds, pictures, the options of its command line
    file_text.py       the whole file, from a Model's networks and what its sampler declares
    writing.py         writes the file and the weights of a run's checkpoint beside it, and tries both

Start with writing.py. A family's Sampler says which function draws (`pipeline/training/standalone.py`); no family is
named here.
"""
