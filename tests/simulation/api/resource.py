"""What the API server does with objects of any kind; the kinds override where they differ. Stores nothing."""

from __future__ import annotations

from collections.abc import Callable

from batchyard.kube.kinds import Kind
from tests.simulation.api import metadata_rules
from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause


class Resource:
    """An object goes in as somebody sent it and comes out as it will be stored; nothing that goes in is changed."""

    is_custom = False
    has_status = False
    """Whether spec and status are written through different doors."""
    counts_generations = False
    may_be_overwritten = True
    """Whether a PUT need not say which version it replaces."""
    is_created_by_put = False
    answers_with_the_deleted = False
    has_late_defaults = False
    """Whether a new object shows defaults that are stored only when it is written to again."""
    knows_finalizers = True
    """Whether a finalizer without a domain has to be one of Kubernetes' own."""
    is_applied = False
    """Whether it is known whose its fields are, so that it can be applied."""
    may_own = True
    """Whether the garbage collector can be told to wait with it for what it owns."""
    judges_metadata_last = False
    """Whether a new object's metadata is looked at only when all else is right."""
    is_name: Callable[[str], bool] = staticmethod(metadata_rules.is_subdomain)
    selectable: tuple[str, ...] = ()
    """Paths for field selectors, besides name and namespace."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.qualified = f"{kind.plural}.{kind.group}" if kind.group else kind.plural

    def born(self, item: Body) -> Body:
        return item

    def changed(self, new: Body, old: Body) -> Body:  # noqa: ARG002
        return new

    def status_changed(self, new: Body, old: Body) -> Body:
        """Through the status door only the status passes; of built-in kinds labels and annotations too."""
        return {**new, "spec": old.get("spec")} if "spec" in old else new

    def differs(self, new: Body, old: Body) -> bool:
        """Whether this counts as another generation."""
        return bool(new.get("spec") != old.get("spec"))

    def causes(self, new: Body, old: Body | None) -> list[Cause]:  # noqa: ARG002
        """What is wrong with it, besides its metadata."""
        return []

    def grace(self, item: Body, asked: int | None) -> int | None:  # noqa: ARG002
        """Seconds until it may be taken away; None for kinds that go at once."""
        return None
