"""The registry of families: valid declarations are registered, contradictory ones refused with a reason."""

from dataclasses import replace

import pytest

from pipeline.errors.workflow import MisdeclaredFamily
from pipeline.families.family import FAMILIES, Families, Family, Role, UpdateKind
from pipeline.nodes.catalogue import NODES
from pipeline.nodes.ports import NetworkPort
from pipeline.runs.series import LOSS, Series

LOSS_SERIES = Series("loss", "what is minimised", LOSS)
SOUND = Family(
    "own", "Own family", roles=(Role("maker", "amber"),), updates=(UpdateKind("maker"),), series=(LOSS_SERIES,)
)


def test_a_family_is_found_by_name_and_its_roles_become_node_categories():
    families = Families()
    families.register(replace(SOUND, roles=(Role("reader", "sky", "left", reads_images=True), Role("maker", "amber"))))
    assert families.get("own") is not None and families.get("other") is None
    reader, maker = families.categories["reader"], families.categories["maker"]
    assert (reader.column, maker.column) == (-1, 1)
    assert (reader.row, reader.colour) == (1, "sky")
    assert families.series == {"loss": LOSS_SERIES}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": ""}, "it has no name"),
        ({"roles": ()}, "it needs at least one role and one update"),
        ({"updates": ()}, "it needs at least one role and one update"),
        ({"roles": (Role("maker", "amber"), Role("maker", "amber"))}, "its role 'maker' is declared twice"),
        ({"roles": (Role("", "amber"),)}, "'' cannot be the name of its role"),
        ({"roles": (Role("training", "amber"),)}, "its role 'training' already exists"),
        ({"updates": (UpdateKind("a", "n"), UpdateKind("b", "n"))}, "its counter 'n' is declared twice"),
        ({"series": (LOSS_SERIES, LOSS_SERIES)}, "the series 'loss' is declared twice"),
        ({"series": (Series("a loss", "a loss", LOSS),)}, "'a loss' cannot be the name of a series"),
        ({"series": (Series("step", "a step", LOSS),)}, "'step' cannot be the name of a series"),
        ({"series": (Series("cost", "", LOSS),)}, "the series 'cost' has no meaning"),
        ({"roles": (Role("maker", "amber", gradient="norm"),)}, "'norm', which is not one of its series"),
    ],
)
def test_a_contradictory_declaration_is_refused_with_its_reason(changes, reason):
    with pytest.raises(MisdeclaredFamily, match=reason):
        Families().register(replace(SOUND, **changes))


def test_a_second_family_of_the_same_name_is_refused():
    families = Families()
    families.register(SOUND)
    with pytest.raises(MisdeclaredFamily, match="another family has this name"):
        families.register(SOUND)


def test_every_network_that_a_built_in_node_outputs_has_a_role_in_a_family():
    roles = {role.name for family in FAMILIES for role in family.roles}
    given = {
        port.role
        for node in NODES
        for port in node.outputs
        if issubclass(port, NetworkPort) and port is not NetworkPort
    }
    assert given == roles
