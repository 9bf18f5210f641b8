"""What Kubernetes gives every object: metadata, owners, conditions. Nothing of Azure's here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, AwareDatetime, Field

from .model import Model, clipped, keyed_by
from .names import API_VERSION
from .states import ConditionStatus

# Kubernetes keeps whole seconds; keeping more would make what we read differ from what we wrote.
Timestamp = Annotated[AwareDatetime, AfterValidator(lambda time: time.astimezone(UTC).replace(microsecond=0))]


class OwnerReference(Model):
    api_version: str
    kind: str
    name: str
    uid: str
    controller: bool | None = None
    block_owner_deletion: bool | None = None


class ObjectMeta(Model):
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: int = 0
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    finalizers: tuple[str, ...] = ()
    owner_references: tuple[OwnerReference, ...] = ()
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None

    @property
    def deleting(self) -> bool:
        return self.deletion_timestamp is not None


class Condition(Model):
    """One observation of the object's state."""

    type: Annotated[str, Field(min_length=1, max_length=316, pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*$")]
    """What is observed, in CamelCase; each type occurs once."""
    status: ConditionStatus
    """True, False or Unknown."""
    observed_generation: Annotated[int, Field(ge=0)] | None = None
    """The metadata.generation this observation is about."""
    last_transition_time: Timestamp
    """When the status last flipped (UTC)."""
    reason: Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")]
    """Why, in one CamelCase word for programs."""
    message: Annotated[str, clipped(32768), Field(max_length=32768)] = ""
    """Why, in a sentence for people, with numbers and the next step."""


class Status(Model):
    observed_generation: Annotated[int, Field(ge=-1)] = -1
    """The metadata.generation this status is about; -1 until the operator has seen the object."""
    conditions: Annotated[tuple[Condition, ...], Field(max_length=32, json_schema_extra=keyed_by("type"))] = ()
    """The truth about the object; every other word of the status is derived from facts for people to read."""

    def condition(self, kind: str) -> Condition | None:
        return next((each for each in self.conditions if each.type == kind), None)


class NameValue(Model):
    name: Annotated[str, Field(min_length=1, max_length=256)]
    """The name, unique in its list."""
    value: Annotated[str, Field(max_length=4096)] = ""
    """The value."""


Metadata = Annotated[tuple[NameValue, ...], Field(max_length=64, json_schema_extra=keyed_by("name"))]
DisplayName = Annotated[str, Field(max_length=1024)]


class LocalObjectReference(Model):
    name: Annotated[str, Field(min_length=1, max_length=253)]
    """Name of the object in the same namespace."""


class Resource(Model):
    """An object of ours; a kind adds `spec` and `status`."""

    plural: ClassVar[str]
    short_name: ClassVar[str]

    api_version: str = API_VERSION
    kind: str
    metadata: ObjectMeta

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def namespace(self) -> str:
        return self.metadata.namespace

    @property
    def uid(self) -> str:
        return self.metadata.uid

    def specified(self) -> Self:
        """As its user has written it: without what we say of it, and without what changes whenever we say something."""
        metadata = self.metadata.model_copy(update={"resource_version": ""})
        return self.model_copy(update={"metadata": metadata, "status": type(self).model_fields["status"].default})

    @property
    def key(self) -> tuple[str, str]:
        return self.metadata.namespace, self.metadata.name
