"""What runs for a job: its preparation DaemonSet, the Pods of its tasks, its release Pods. All through run.sh."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from batchyard.api import names, trace_context
from batchyard.api.command import ContainerSettings, EnvironmentSetting, EnvironmentSettings, UserIdentity
from batchyard.api.duration import seconds
from batchyard.api.job import Job
from batchyard.api.job_node import JobNode
from batchyard.api.pool import Pool
from batchyard.api.task import TaskSpec
from batchyard.core.actions import Manifest
from batchyard.core.facts import TaskFacts
from batchyard.core.pods import environment as env
from batchyard.core.pods.parts import (
    NODE_MOUNTS,
    POOL_USER,
    RESTRICTED,
    TERMINATION_GRACE_SECONDS,
    environment,
    from_pod_uid,
    in_groups,
    labels,
    node_volumes,
    on_nodes,
    owned_by,
    run_as,
    tolerate_everything,
    working_directory,
    wrapped,
)
from batchyard.core.pods.pool import daemon_set_of
from batchyard.core.snapshot import Rules
from batchyard.core.tasks.users import is_admin, own_ids

PREPARATION, PREPARED, TASK, RELEASE = "prep", "prepared", "task", "release"
BACKSTOP_SECONDS = 60
"""By how much the kubelet's own deadline is longer than run.sh's wall clock."""


def _container(
    name: str,
    command: list[str],
    env_: list[Manifest],
    pool: Pool,
    settings: ContainerSettings | None,
    user: UserIdentity,
) -> Manifest:
    image = settings or pool.spec.container_settings
    return {
        "name": name,
        "image": image.image_name if image else "",
        "imagePullPolicy": "IfNotPresent",
        "command": command,
        "env": [*env_, *working_directory(image)],
        "securityContext": run_as(admin=is_admin(user, pool), own=own_ids(user, pool)),
        "volumeMounts": NODE_MOUNTS,
    }


def _pod_spec(pool: Pool, nodes: Iterable[str], containers: list[Manifest], **more: Any) -> Manifest:
    return {
        "affinity": on_nodes(nodes),
        "tolerations": [t.to_wire() for t in pool.spec.tolerations],
        "imagePullSecrets": [s.to_wire() for s in pool.spec.image_pull_secrets],
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": TERMINATION_GRACE_SECONDS,
        "volumes": node_volumes(pool.uid),
        **in_groups(pool),
        "containers": containers,
        **more,
    }


def _job_labels(component: str, pool: Pool, job: Job, **more: str) -> dict[str, str]:
    mine = {names.LABEL_POOL: pool.name, names.LABEL_JOB: job.name, names.LABEL_JOB_UID: job.uid}
    return labels(component, **mine, **more)


def _variables(
    pool: Pool, job: Job, task_id: str, own: EnvironmentSettings, wrapper: dict[str, str], span: str
) -> list[Manifest]:
    """The trace and the user's variables, then Azure's, which nobody can override, then the wrapper's own, which it takes away again."""
    return [
        *env.of_user(_trace(job, span), job.spec.common_environment_settings, own),
        *env.of_job_task(pool, job, task_id),
        from_pod_uid("BATCHYARD_POD_UID"),
        *environment({"BATCHYARD_JOB_UID": job.uid, **wrapper}),
    ]


def _trace(job: Job, span: str) -> EnvironmentSettings:
    told = trace_context.of_job(job.uid, job.metadata.annotations).told(span)
    return (EnvironmentSetting(name=trace_context.VARIABLE, value=told),)


def _wall_clock(duration: str | None) -> int:
    return seconds(duration) if duration else 0


def preparation_daemon_set(pool: Pool, job: Job, nodes: Iterable[str], rules: Rules) -> Manifest:
    preparation = job.spec.job_preparation_task
    assert preparation is not None  # noqa: S101 - callers look first; a job without one has no such DaemonSet
    wrapper = {
        "BATCHYARD_KEY": f"{job.uid}.prep.$(BATCHYARD_POD_UID)",
        "BATCHYARD_ATTEMPT": "0",
        "BATCHYARD_MAX_RETRIES": str(preparation.constraints.max_task_retry_count),
        "BATCHYARD_WALL_CLOCK": str(_wall_clock(preparation.constraints.max_wall_clock_time)),
        "BATCHYARD_RERUN_ON_REBOOT": str(preparation.rerun_on_node_reboot_after_success).lower(),
        "BATCHYARD_RETENTION": str(seconds(preparation.constraints.retention_time)),
    }
    span = trace_context.span(job.uid, trace_context.PREPARATION)  # one for all nodes, for they share the template
    prepare = _container(
        PREPARATION,
        wrapped("prep", preparation.command_line),
        _variables(pool, job, preparation.id, preparation.environment_settings, wrapper, span),
        pool,
        preparation.container_settings,
        preparation.user_identity,
    )
    hold = {
        "name": PREPARED,
        "image": rules.image,
        "imagePullPolicy": rules.image_pull_policy,
        "command": [names.IMAGE_BUSYBOX, "sh", "-c", "trap 'exit 0' TERM; sleep 2147483647 & wait"],
        "securityContext": {"runAsUser": POOL_USER, "runAsGroup": POOL_USER, "runAsNonRoot": True, **RESTRICTED},
        "resources": {"requests": {"cpu": "1m", "memory": "4Mi"}, "limits": {"memory": "32Mi"}},
    }
    return daemon_set_of(
        name=names.preparation_daemon_set(job.name),
        namespace=job.namespace,
        owner=owned_by("BatchJob", job.name, job.uid),
        pod_labels=_job_labels(names.COMPONENT_PREPARATION, pool, job),
        spec=_pod_spec(pool, nodes, [hold], initContainers=[prepare]),
    )


def task_pod(pool: Pool, job: Job, task: TaskFacts, spec: TaskSpec, node: str) -> Manifest:
    preparation = job.spec.job_preparation_task
    wall_clock = _wall_clock(spec.constraints.max_wall_clock_time)
    wrapper = {
        "BATCHYARD_KEY": ".".join((job.uid, *filter(None, task.unit), str(task.attempt))),
        "BATCHYARD_ATTEMPT": str(task.attempt),
        "BATCHYARD_REQUIRE_PREPARED": str(preparation is not None and preparation.wait_for_success).lower(),
        "BATCHYARD_WALL_CLOCK": str(wall_clock),
        "BATCHYARD_RETENTION": str(seconds(spec.constraints.retention_time)),
    }
    container = _container(
        TASK,
        wrapped("task", spec.command_line),
        _variables(pool, job, task.id, spec.environment_settings, wrapper, trace_context.span(task.ref.uid)),
        pool,
        spec.container_settings,
        spec.user_identity,
    )
    container["resources"] = spec.resources.to_wire()
    more: dict[str, Any] = {"restartPolicy": "Never"}
    if wall_clock:
        more["activeDeadlineSeconds"] = wall_clock + BACKSTOP_SECONDS
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": names.task_pod(task.ref.name, task.ref.uid, task.attempt, task.index),
            "namespace": job.namespace,
            "labels": _job_labels(
                names.COMPONENT_TASK,
                pool,
                job,
                **{
                    names.LABEL_TASK_UID: task.ref.uid,
                    **({} if task.index is None else {names.LABEL_INDEX: str(task.index)}),
                    names.LABEL_ATTEMPT: str(task.attempt),
                    names.LABEL_SLOTS: str(task.required_slots),
                },
            ),
            "finalizers": [names.FINALIZER],
            "ownerReferences": owned_by("BatchTask", task.ref.name, task.ref.uid),
        },
        "spec": _pod_spec(pool, [node], [container], **more),
    }


def release_pod(pool: Pool, job: Job, record: JobNode) -> Manifest:
    """The release of one node. It tolerates every taint: a node that is full or being drained must be released too."""
    release = job.spec.job_release_task
    assert release is not None  # noqa: S101 - a job without one owes no release
    wall_clock = _wall_clock(release.max_wall_clock_time)
    wrapper = {
        "BATCHYARD_KEY": f"{job.uid}.release.$(BATCHYARD_POD_UID)",
        "BATCHYARD_ATTEMPT": "0",
        "BATCHYARD_WALL_CLOCK": str(wall_clock),
        "BATCHYARD_RETENTION": str(seconds(release.retention_time)),
    }
    span = trace_context.span(record.uid, trace_context.RELEASE)
    container = _container(
        RELEASE,
        wrapped("release", release.command_line),
        _variables(pool, job, release.id, release.environment_settings, wrapper, span),
        pool,
        release.container_settings,
        release.user_identity,
    )
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": names.release_pod(job.name, record.uid),
            "namespace": job.namespace,
            "labels": _job_labels(names.COMPONENT_RELEASE, pool, job),
            "finalizers": [names.FINALIZER],
            "ownerReferences": owned_by("BatchJobNode", record.name, record.uid),
        },
        "spec": _pod_spec(
            pool,
            [record.spec.node_id],
            [container],
            restartPolicy="Never",
            tolerations=tolerate_everything(),
            activeDeadlineSeconds=wall_clock + BACKSTOP_SECONDS,
        ),
    }
