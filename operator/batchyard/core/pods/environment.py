"""The environment of every container of a pool (Azure: compute node environment variables). Names and values only."""

from __future__ import annotations

from collections.abc import Iterable

from batchyard.api.command import EnvironmentSetting
from batchyard.api.job import Job
from batchyard.api.names import API_VERSION, ROOT_DIR
from batchyard.api.pool import Pool
from batchyard.core.actions import Manifest
from batchyard.core.pods.parts import environment, literal


def of_node(pool: Pool) -> list[Manifest]:
    """What even the start task sees. One DaemonSet serves many nodes, so the node's id is for the kubelet to say.

    AZ_BATCH_NODE_IS_DEDICATED is added by run.sh, for it is written on the node only.
    """
    root = ROOT_DIR
    url = f"https://kubernetes.default.svc/apis/{API_VERSION}/namespaces/{pool.namespace}"
    return [
        {"name": "AZ_BATCH_NODE_ID", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        *environment(
            {
                "AZ_BATCH_ACCOUNT_NAME": pool.namespace,
                "AZ_BATCH_ACCOUNT_URL": url,
                "AZ_BATCH_POOL_ID": pool.id,
                "AZ_BATCH_NODE_ROOT_DIR": root,
                "AZ_BATCH_NODE_SHARED_DIR": f"{root}/shared",
                "AZ_BATCH_NODE_STARTUP_DIR": f"{root}/startup",
                "AZ_BATCH_NODE_STARTUP_WORKING_DIR": f"{root}/startup/wd",
                "AZ_BATCH_NODE_MOUNTS_DIR": f"{root}/fsmounts",
            }
        ),
    ]


def job_directory(job: Job) -> str:
    """The job's directory below the node's root: what a wipe removes."""
    return f"workitems/{job.id}"


def task_directory(job: Job, task_id: str) -> str:
    return f"{ROOT_DIR}/{job_directory(job)}/job-1/{task_id}"


def of_job_task(pool: Pool, job: Job, task_id: str) -> list[Manifest]:
    """What a task of a job sees, its preparation and release included."""
    directory = task_directory(job, task_id)
    values = {
        "AZ_BATCH_JOB_ID": job.id,
        "AZ_BATCH_TASK_ID": task_id,
        "AZ_BATCH_TASK_DIR": directory,
        "AZ_BATCH_TASK_WORKING_DIR": f"{directory}/wd",
    }
    if (preparation := job.spec.job_preparation_task) is not None and preparation.id != task_id:
        prepared = task_directory(job, preparation.id)
        values |= {"AZ_BATCH_JOB_PREP_DIR": prepared, "AZ_BATCH_JOB_PREP_WORKING_DIR": f"{prepared}/wd"}
    return of_node(pool) + environment(values)


def of_user(*layers: Iterable[EnvironmentSetting]) -> list[Manifest]:
    """The user's own variables; a later layer wins. Values are taken as written."""
    merged = {setting.name: literal(setting.value) for layer in layers for setting in layer}
    return environment(merged)
