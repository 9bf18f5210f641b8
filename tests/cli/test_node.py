"""`batchyard node ...` and `batchyard pool ...`."""

from __future__ import annotations

import json
import shlex
from pathlib import PurePosixPath

import pytest
import yaml

from batchyard.cli.node_files import inside
from batchyard.cli.outcome import Exit, Problem
from tests.cli.memory import Memory, Object
from tests.cli.objects import NODE_ROOT, agent, condition, node, pool
from tests.cli.typing_in import said, typed

LISTED = (
    b"regular file|6|1772366400|./b c|d.txt\n"
    b"directory|4096|1772366340|./a\n"
    b"symbolic link|4|1772366341|./link\n"
    b"what a name with a line break leaves\n"
)


def test_list_shows_what_nodes_do() -> None:
    bad: Object = {"errors": [{"code": "DiskFull"}], "startTaskInfo": {"state": "completed", "result": "failure"}}
    nodes = (node("node2", "unusable", **bad), node("node1", "running", runningTasksCount=2, runningTaskSlotsCount=3))
    assert said("node list", *nodes) == (
        "NODE    POOL     STATE      SCHEDULING   TASKS   SLOTS   START     ERROR      AGE\n"
        "node1   sample   running    enabled      2       3       -         -          60s\n"
        "node2   sample   unusable   enabled      0       0       failure   DiskFull   60s\n"
    )
    assert said("node list --pool other -o name", *nodes, node("node1", pool="other")) == (
        "batchnode.batchyard.io/other.node1\n"
    )


def test_files_are_listed_by_name_with_size_and_time() -> None:
    cluster = Memory(node("node1"), agent("node1"))
    cluster.files[f"{NODE_ROOT}/shared"] = LISTED
    assert typed("node files node1 shared", cluster).out == (
        "SIZE   MODIFIED               NAME\n"
        "-      2026-03-01T11:59:00Z   a/\n"
        "6      2026-03-01T12:00:00Z   b c|d.txt\n"
        "4      2026-03-01T11:59:01Z   link\n"
    )
    assert cluster.executed[-1][2][5:] == [f"{NODE_ROOT}/shared", "1"]
    assert typed("node files node1 shared -r -o name", cluster).out == "a\nb c|d.txt\nlink\n"
    assert cluster.executed[-1][2][5:] == [f"{NODE_ROOT}/shared", "64"]
    assert json.loads(typed("node files node1 shared -o json", cluster).out)[1] == {
        "path": "b c|d.txt",
        "type": "regular file",
        "size": 6,
        "modified": "2026-03-01T12:00:00Z",
    }
    assert yaml.safe_load(typed("node files node1 shared -o yaml", cluster).out)[1]["path"] == "b c|d.txt"


def test_empty_directory_is_told_on_standard_error() -> None:
    cluster = Memory(node("node1"), agent("node1"))
    cluster.files[NODE_ROOT] = b""
    answer = typed("node files node1", cluster)
    assert (answer.out, answer.err) == ("", f"{NODE_ROOT} is empty\n")


def test_file_is_printed_as_it_is() -> None:
    cluster = Memory(node("node1"), agent("node1"))
    cluster.files[f"{NODE_ROOT}/shared/a"] = b"text\n"
    for path in ("shared/a", f"{NODE_ROOT}/shared/a", "./shared//a"):
        assert typed(f"node cat node1 {path}", cluster).out == "text\n"
    assert typed("node cat sample.node1 shared/a", cluster).out == "text\n"


@pytest.mark.parametrize("path", ["..", "../x", "shared/../../x", "/etc/passwd", "/", f"{NODE_ROOT}/..", "a/.."])
def test_path_outside_of_the_pools_root_is_refused_before_the_node_is_asked(path: str) -> None:
    cluster = Memory(node("node1"), agent("node1"))
    answer = typed(f"node cat node1 {path}", cluster)
    assert (answer.code, cluster.executed) == (Exit.USAGE, [])
    with pytest.raises(Problem, match="is not below"):
        inside(path)
    assert inside(".") == PurePosixPath(NODE_ROOT)


def test_path_reaches_the_node_as_an_argument_never_as_shell() -> None:
    cluster = Memory(node("node1"), agent("node1"))
    odd = "a'; reboot; $(id) #"
    cluster.files[f"{NODE_ROOT}/{odd}"] = b"fine"
    assert typed(f"node cat node1 {shlex.quote(odd)}", cluster).out == "fine"
    *script, path, _tail = cluster.executed[-1][2]
    assert path == f"{NODE_ROOT}/{odd}"
    assert not [word for word in script if "reboot" in word]


def test_node_of_several_pools_has_to_be_named_with_its_pool() -> None:
    cluster = Memory(node("node1"), node("node1", pool="other"), agent("node1"), agent("node1", pool="other"))
    cluster.files[f"{NODE_ROOT}/a"] = b"text\n"
    answer = typed("node cat node1 a", cluster)
    assert "node node1 serves several pools: other, sample\n  choose one with --pool" in answer.err
    assert typed("node cat node1 a --pool other", cluster).out == "text\n"
    assert typed("node cat node9 a", cluster).code == Exit.NOT_FOUND


def test_pools_are_listed_with_what_they_have_of_what_they_want() -> None:
    short = condition("Ready", "False", "NoMatchingNodes")
    pools = (pool(), pool("big", target=4, current=1, status={"conditions": [short], "nodeCounts": {"idle": 1}}))
    assert said("pool list", *pools) == (
        "NAME     STATE    ALLOCATION   NODES   IDLE   RUNNING   SLOTS   REASON            AGE\n"
        "sample   active   steady       2/2     0      0         1       -                 60s\n"
        "big      active   steady       1/4     1      0         1       NoMatchingNodes   60s\n"
    )


def test_resize_sets_only_what_is_given() -> None:
    cluster = Memory(pool())
    assert typed("pool resize sample --dedicated 4", cluster).out == "batchpool.batchyard.io/sample resizing\n"
    typed("pool resize sample --low-priority 0 --tasks taskcompletion", cluster)
    assert [body["spec"] for _, _, _, body in cluster.writes] == [
        {"targetDedicatedNodes": 4},
        {"targetLowPriorityNodes": 0, "nodeDeallocationOption": "taskcompletion"},
    ]
    assert typed("pool resize sample", cluster).code == Exit.USAGE
    assert typed("pool resize sample --dedicated -1", cluster).code == Exit.USAGE
