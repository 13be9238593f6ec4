"""The registry that `catalogue.py` fills: apart from it, so that a node can check the workflow of a stored run."""

from pipeline.families.family import FAMILIES
from pipeline.graph.registry import Registry

NODES = Registry(FAMILIES.categories)
"""Every node class. Complete once `catalogue.py` has been imported."""
