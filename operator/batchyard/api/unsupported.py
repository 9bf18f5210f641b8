"""Fields of the schema that nothing acts on yet. A user who sets one is told by the condition `Unsupported`, never by silence."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from .command import ContainerSettings
from .exits import ExitConditions
from .model import Model

NOT_YET: dict[type[Model], frozenset[str]] = {
    ContainerSettings: frozenset({"container_run_options", "container_host_batch_bind_mounts"}),
    ExitConditions: frozenset({"file_upload_error"}),
}


def unsupported(spec: Model) -> list[str]:
    """Paths, as the user wrote them, of fields that are set to more than their default and have no effect yet."""
    return list(_found(spec, ""))


def _found(model: Model, prefix: str) -> Iterator[str]:
    idle = _idle_fields(type(model))
    for name, field in type(model).model_fields.items():
        if name not in model.model_fields_set:
            continue  # the default, in which nothing is unsupported
        value, path = getattr(model, name), f"{prefix}{field.alias}"
        if name not in idle:
            yield from _inside(value, path)
        elif value != field.get_default(call_default_factory=True):
            yield path


@cache
def _idle_fields(kind: type[Model]) -> frozenset[str]:
    return frozenset().union(*(NOT_YET.get(each, frozenset()) for each in kind.__mro__))


def _inside(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Model):
        yield from _found(value, f"{path}.")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _inside(item, f"{path}[{index}]")
