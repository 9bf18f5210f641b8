"""How a command runs, for start, preparation, release and ordinary tasks alike: image, environment, user, resources."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema

from .model import Model, keyed_by, rule, rules
from .states import AutoUserScope, ContainerWorkingDirectory, ElevationLevel

CommandLine = Annotated[str, Field(min_length=1, max_length=32768)]

_QUANTITY = {
    "anyOf": [{"type": "integer"}, {"type": "string"}],
    "x-kubernetes-int-or-string": True,
    "maxLength": 64,
    "pattern": r"^[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+|[KMGTPE]i|[numkMGTPE])?$",
}
Quantity = Annotated[str, BeforeValidator(str), WithJsonSchema(_QUANTITY)]
Quantities = Annotated[dict[str, Quantity], Field(max_length=16)]


class MountedDirectory(Model):
    source: Annotated[str, Field(max_length=32)]
    """Which directory of the node: Shared, Startup, VfsMounts, Task, JobPrep or Applications."""
    is_read_only: bool = False
    """Whether the command may only read it. Default false."""


class ContainerSettings(Model):
    image_name: Annotated[str, Field(min_length=1, max_length=1024)]
    """Image the command runs in, for example docker.io/library/busybox:1.37. Without a tag `:latest` is meant."""
    working_directory: ContainerWorkingDirectory = ContainerWorkingDirectory.TASK
    """Where the command starts: taskWorkingDirectory (default) or containerImageDefault."""
    container_run_options: Annotated[str, Field(max_length=4096)] = ""
    """Azure's extra options for `docker create`. They have no meaning here and are reported as unsupported."""
    container_host_batch_bind_mounts: Annotated[tuple[MountedDirectory, ...], Field(max_length=16)] | None = None
    """Which directories of the node the container sees. Unset: the whole node root, writable."""


class EnvironmentSetting(Model):
    model_config = ConfigDict(
        json_schema_extra=rules(
            rule("!self.name.startsWith('AZ_BATCH_')", "AZ_BATCH_ names are set by Batchyard; choose another", ".name")
        )
    )

    name: Annotated[str, Field(min_length=1, max_length=256, pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$")]
    """Name of the variable: letters, digits, `_`, `.` and `-`, at most 256 characters; not AZ_BATCH_*."""
    value: Annotated[str, Field(max_length=32768)] = ""
    """Value of the variable, at most 32768 characters. Default empty."""


EnvironmentSettings = Annotated[
    tuple[EnvironmentSetting, ...], Field(max_length=100, json_schema_extra=keyed_by("name"))
]


class AutoUserSpecification(Model):
    scope: AutoUserScope = AutoUserScope.POOL
    """pool (default): all tasks of the node share one user. task is treated as pool, as on Azure's Linux nodes."""
    elevation_level: ElevationLevel = ElevationLevel.NON_ADMIN
    """nonadmin (default): uid 1000. admin: root inside the container, if the pool's maxElevationLevel allows it."""


class UserIdentity(Model):
    model_config = ConfigDict(
        json_schema_extra=rules(
            rule(
                "!(has(self.userName) && has(self.autoUser))", "set either userName or autoUser, not both", ".userName"
            )
        )
    )

    user_name: Annotated[str, Field(min_length=1, max_length=20)] | None = None
    """Name of one of the pool's userAccounts. Exclusive with autoUser."""
    auto_user: AutoUserSpecification | None = None
    """A user made by Batchyard. Exclusive with userName; unset means a non-admin user shared by the pool."""

    @property
    def is_admin(self) -> bool:
        return self.auto_user is not None and self.auto_user.elevation_level is ElevationLevel.ADMIN


class ResourceRequirements(Model):
    requests: Quantities = Field(default_factory=dict)
    """What the container is guaranteed, by resource name: cpu, memory, nvidia.com/gpu, ... as Kubernetes quantities."""
    limits: Quantities = Field(default_factory=dict)
    """What the container may use at most, by resource name."""
