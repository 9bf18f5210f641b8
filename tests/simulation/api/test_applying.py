from __future__ import annotations

from typing import Any

from batchyard.kube.kinds import DAEMON_SET
from batchyard.kube.request import apply
from tests.simulation.api.call import Body
from tests.simulation.api.calling import NAMESPACE, Caller


def applied(caller: Caller, variables: dict[str, str], labels: dict[str, str] | None = None, **more: Any) -> Body:
    container = {"name": "a", "image": "busybox:1.37", "env": [{"name": k, "value": v} for k, v in variables.items()]}
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [container]}}
    body = {
        "metadata": {"name": "a", "labels": labels or {}, **more},
        "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": template},
    }
    return caller.do(apply(DAEMON_SET, DAEMON_SET.object(NAMESPACE, "a"), body, force=True))


def variables_of(item: Body) -> list[Any]:
    return [each["name"] for each in item["spec"]["template"]["spec"]["containers"][0]["env"]]


def test_what_is_not_applied_any_more_goes(caller: Caller) -> None:
    first = applied(caller, {"A": "1", "B": "1"}, {"x": "1"})
    assert first["metadata"]["generation"] == 1
    second = applied(caller, {"B": "2"})
    assert variables_of(second) == ["B"]
    assert "labels" not in second["metadata"]
    assert second["metadata"]["generation"] == 2
    assert second["metadata"]["uid"] == first["metadata"]["uid"]


def test_applying_the_same_again_writes_nothing(caller: Caller) -> None:
    applied(caller, {"A": "1"})
    version = caller.server.version
    applied(caller, {"A": "1"})
    assert caller.server.version == version


def test_what_somebody_else_added_stays_and_what_he_changed_is_taken_back(caller: Caller) -> None:
    applied(caller, {"A": "1"}, {"x": "1"})
    caller.patch(DAEMON_SET, "a", {"metadata": {"labels": {"x": "2", "theirs": "1"}}})
    again = applied(caller, {"A": "1"}, {"x": "1"})
    assert again["metadata"]["labels"] == {"x": "1", "theirs": "1"}
    without = applied(caller, {"A": "1"})
    assert without["metadata"]["labels"] == {"theirs": "1"}


def test_a_list_that_is_not_applied_any_more_goes_with_what_nobody_owns_in_it(caller: Caller) -> None:
    """As the finalizer that the API server itself sets where owned objects are to be orphaned (conformance, sequence 3599)."""
    applied(caller, {}, finalizers=["batchyard.io/more"])
    caller.delete(DAEMON_SET, "a", propagationPolicy="Orphan")
    assert sorted(caller.get(DAEMON_SET, "a")["metadata"]["finalizers"]) == ["batchyard.io/more", "orphan"]
    assert "finalizers" not in applied(caller, {})["metadata"]
