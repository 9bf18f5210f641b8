"""Which Nodes of the cluster a pool can use at all: those of which it tolerates every taint."""

from __future__ import annotations

from typing import Any

import pytest

from batchyard.core.pools.membership import matching, tolerates
from tests import build

GPU = ("gpu", "a100", "NoSchedule")
CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "", "NoSchedule")
Taints = tuple[tuple[str, str, str], ...]


@pytest.mark.parametrize(
    ("taints", "tolerations", "expected"),
    [
        ((), [], True),
        ((), [{"key": "gpu", "operator": "Exists"}], True),
        ((CONTROL_PLANE,), [], False),
        ((CONTROL_PLANE,), [{"key": CONTROL_PLANE[0]}], True),
        ((GPU,), [{"key": "gpu", "value": "a100"}], True),
        ((GPU,), [{"key": "gpu", "value": "h100"}], False),
        ((GPU,), [{"key": "gpu"}], False),
        ((GPU,), [{"key": "gpu", "operator": "Exists"}], True),
        ((GPU,), [{"key": "tpu", "operator": "Exists"}], False),
        ((GPU,), [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}], True),
        ((GPU,), [{"key": "gpu", "operator": "Exists", "effect": "NoExecute"}], False),
        ((GPU, CONTROL_PLANE), [{"operator": "Exists"}], True),
        ((GPU, CONTROL_PLANE), [{"key": "gpu", "operator": "Exists"}], False),
        ((GPU, CONTROL_PLANE), [{"key": "gpu", "operator": "Exists"}, {"key": CONTROL_PLANE[0]}], True),
    ],
)
def test_a_pool_takes_only_nodes_of_which_it_tolerates_every_taint(
    taints: Taints, tolerations: list[dict[str, Any]], expected: bool
) -> None:
    pool, node = build.pool(tolerations=tolerations), build.node(taints=taints)
    assert tolerates(pool, node) is expected
    assert matching(pool, {"node1": node})[True] == ([node] if expected else [])
