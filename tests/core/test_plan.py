"""What holds for every plan, whatever it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from batchyard.api import names
from batchyard.core.actions import Action, Apply, Create, Delete, Emit, Patch
from batchyard.core.plan import About, plan
from batchyard.core.snapshot import Snapshot
from tests import build


def targets(actions: tuple[Action, ...]) -> list[tuple[str, str, str]]:
    found = []
    for action in actions:
        match action:
            case Patch(ref=ref) | Delete(ref=ref):
                found.append((ref.kind, ref.namespace, ref.name))
            case Create(kind=kind, manifest=manifest) | Apply(kind=kind, manifest=manifest):
                found.append((kind, manifest["metadata"]["namespace"], manifest["metadata"]["name"]))
            case Emit():
                pass
    return found


def new_job() -> dict[str, Any]:
    inline = [{"id": "task001", "commandLine": "true"}, {"id": "task002", "commandLine": "true"}]
    job = build.job(status={}, jobPreparationTask=build.PREPARATION, tasks=inline)
    return {"of": build.pool(), **build.serving("node1"), "views": build.view(job)}


def snapshot(**more: Any) -> Snapshot:
    parts = new_job()
    return build.snapshot(parts.pop("views"), **{**parts, **more})


def test_no_object_is_written_twice_in_one_plan() -> None:
    written = targets(build.planned(snapshot()).actions)
    assert len(written) == len(set(written)) >= 3


def test_nothing_new_is_asked_of_a_namespace_that_ends() -> None:
    ending = build.planned(snapshot(namespace_ending=True)).actions
    assert not [action for action in ending if isinstance(action, Create | Apply)]
    assert [action for action in ending if isinstance(action, Patch)]


def test_a_part_that_fails_leaves_the_others_as_they_are() -> None:
    whole = build.planned(snapshot())
    seen: list[str] = []

    def guard(about: About, part: Callable[[], Any]) -> Any:
        seen.append(str(about))
        return None if str(about) == f"job {build.NAMESPACE}/demo" else part()

    rest = plan(snapshot(), guard)
    assert f"job {build.NAMESPACE}/demo" in seen
    assert {t for t in targets(rest.actions) if t[0] == "BatchPool"} == {t for t in targets(whole.actions) if t[0] == "BatchPool"}  # fmt: skip
    assert not [t for t in targets(rest.actions) if t[0] in ("BatchJob", "BatchTask")]


@pytest.mark.parametrize("missing", ["pool", "job"])
def test_a_plan_needs_neither_its_pool_nor_a_job(missing: str) -> None:
    found = build.snapshot(of=build.pool()) if missing == "job" else snapshot(of=None)
    assert build.planned(found) is not None


def test_every_part_of_a_plan_has_a_name_of_its_own() -> None:
    """A part that fails is left out for a while under its name; a job may be called like its pool."""
    asked: list[About] = []

    def guard(about: About, part: Callable[[], Any]) -> Any:
        asked.append(about)
        return part()

    plan(build.snapshot(build.view(build.job("sample")), of=build.pool("sample"), **build.serving("node1")), guard)
    assert len(asked) == len({*asked}) == len({str(about) for about in asked}) == 4


def test_label_that_somebody_has_edited_does_not_stop_the_pool() -> None:
    pod = build.pod(labels={names.LABEL_SLOTS: "many"})
    view = build.view(build.job(), task_pods=(pod,))
    assert build.planned(build.snapshot(view, of=build.pool(), **build.serving("node1"))).actions
