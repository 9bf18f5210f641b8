"""What the API server does not take in a Pod or in a Pod template: the part of its rules that the operator could break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
_POLICIES = ("Always", "OnFailure", "Never")
_MAY_CHANGE = ("activeDeadlineSeconds", "terminationGracePeriodSeconds", "tolerations")
_FORBIDDEN = "Forbidden: pod updates may not change fields other than images, tolerations and deadlines"


def causes_in_spec(spec: Body, path: str) -> list[Cause]:
    found = [*_of_containers(spec, "containers", path), *_of_containers(spec, "initContainers", path)]
    if not spec.get("containers"):
        found.append(_required(f"{path}.containers"))
    if spec.get("restartPolicy") not in _POLICIES:
        why = f'Unsupported value: "{spec.get("restartPolicy")}"'
        found.append(Cause("FieldValueNotSupported", why, f"{path}.restartPolicy"))
    return found


def causes_of_change(new: Body, old: Body) -> list[Cause]:
    if new == old:
        return []
    for name in ("containers", "initContainers"):
        if len(new.get(name) or ()) != len(old.get(name) or ()):
            return [
                Cause("FieldValueForbidden", "Forbidden: pod updates may not add or remove containers", f"spec.{name}")
            ]
    found = []
    tolerated = [_anyhow_long(each) for each in new.get("tolerations") or ()]
    if not all(_anyhow_long(each) in tolerated for each in old.get("tolerations") or ()):
        why = "Forbidden: existing toleration can not be modified except its tolerationSeconds"
        found.append(Cause("FieldValueForbidden", why, "spec.tolerations"))
    if _frozen(new) != _frozen(old):
        found.append(Cause("FieldValueForbidden", _FORBIDDEN, "spec"))
    return found


def _anyhow_long(toleration: Body) -> Body:
    return {key: value for key, value in toleration.items() if key != "tolerationSeconds"}


def _frozen(spec: Body) -> Body:
    """Without what may change."""
    rest = {key: value for key, value in spec.items() if key not in _MAY_CHANGE}
    for name in ("containers", "initContainers"):
        if name in rest:
            rest[name] = [{key: value for key, value in each.items() if key != "image"} for each in rest[name]]
    return rest


def _of_containers(spec: Body, name: str, path: str) -> Iterator[Cause]:
    seen: set[Any] = set()
    for place, each in enumerate(spec.get(name) or ()):
        here = f"{path}.{name}[{place}]"
        if not each.get("name"):
            yield _required(f"{here}.name")
        elif not _LABEL.match(each["name"]):
            yield Cause("FieldValueInvalid", f'Invalid value: "{each["name"]}"', f"{here}.name")
        elif each["name"] in seen:
            yield Cause("FieldValueDuplicate", f'Duplicate value: "{each["name"]}"', f"{here}.name")
        seen.add(each.get("name"))
        if not each.get("image"):
            yield _required(f"{here}.image")


def _required(path: str) -> Cause:
    return Cause("FieldValueRequired", "Required value", path)
