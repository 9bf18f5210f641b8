"""`batchyard job logs JOB`: what the preparation and the release of a job wrote, node by node."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import click

from batchyard.api import names
from batchyard.cli.access.cluster import Object
from batchyard.cli.commands.outputs import one_by_one
from batchyard.cli.commands.task_output import whole, write
from batchyard.cli.naming import complete_job, records_of
from batchyard.cli.node_files import Place
from batchyard.cli.outcome import NotThere
from batchyard.cli.session import Session, with_session
from batchyard.cli.show.jobs import PREPARATION, RELEASE
from batchyard.cli.show.objects import at, name
from batchyard.kube.kinds import BATCH_JOB, POD, Scope, labelled


class Hook(NamedTuple):
    word: str
    info: str
    """Where a BatchJobNode tells of it."""
    component: str
    container: str


HOOKS = (
    Hook("preparation", PREPARATION, names.COMPONENT_PREPARATION, "prep"),
    Hook("release", RELEASE, names.COMPONENT_RELEASE, "release"),
)


@click.command()
@click.argument("job_name", metavar="JOB", shell_complete=complete_job)
@click.option("--hook", type=click.Choice([hook.word for hook in HOOKS]), help="Only this one.")
@click.option("--node", help="Only on this node.")
@click.option("--failed", is_flag=True, help="Only where it failed.")
@click.option("--tail", type=click.IntRange(min=0), help="Only so many lines from the end.")
@with_session
def logs(session: Session, job_name: str, hook: str | None, node: str | None, failed: bool, tail: int | None) -> int:
    """Print what a job's preparation and release wrote on each node, also after their Pods are gone."""
    runs = _runs(session, job_name, hook, node)
    wanted = [run for run in runs if not failed or at(run[1], f"{run[0].info}.result") == "failure"]
    if not wanted:
        session.cluster.get(BATCH_JOB, session.namespace, job_name)  # says so if there is no such job
        click.echo(
            f"no {hook or 'preparation or release'} of job {job_name} has {'failed' if failed else 'run'}", err=True
        )
    return one_by_one((_title(*run), partial(_print, session, *run, tail)) for run in wanted)


def _runs(session: Session, job_name: str, hook: str | None, node: str | None) -> Iterator[tuple[Hook, Object]]:
    """Where it has at least begun."""
    records = sorted(records_of(session, job_name), key=lambda each: str(at(each, "spec.nodeId")))
    for which in HOOKS:
        for record in records:
            if hook in (None, which.word) and node in (None, at(record, "spec.nodeId")) and at(record, which.info):
                yield which, record


def _title(hook: Hook, record: Object) -> str:
    info = at(record, hook.info)
    ended = f"exit code {info['exitCode']}" if "exitCode" in info else str(at(info, "result") or at(info, "state"))
    return f"{hook.word} on {at(record, 'spec.nodeId')}: {ended}"


def _print(session: Session, hook: Hook, record: Object, tail: int | None) -> None:
    """From its files once it has ended, where they may be read; else from the kubelet, for which `view` is enough."""

    def kubelet() -> None:
        pod = _pod(session, hook, record)
        write(sys.stdout, session.cluster.log(session.namespace, pod, hook.container, follow=False, tail=tail))

    def files() -> None:
        spec = record["spec"]
        place = Place(session, spec["poolId"], spec["nodeId"])
        directory = at(record, f"{hook.info}.taskRootDirectory") or f"{spec['directory']}/job-1/job{hook.word}"
        for file in ("stdout.txt", "stderr.txt"):
            write(sys.stdout, place.read(f"{directory}/{file}", tail=tail))

    whole(kubelet, files, ended=at(record, f"{hook.info}.state") == "completed")


def _pod(session: Session, hook: Hook, record: Object) -> str:
    """The latest: after a reboot the one before may still be going."""
    labels = {names.LABEL_JOB_UID: at(record, "spec.jobUID"), names.LABEL_COMPONENT: hook.component}
    scope = Scope(
        POD,
        session.namespace,
        label_selector=labelled(labels),
        field_selector=f"spec.nodeName={at(record, 'spec.nodeId')}",
    )
    found = session.cluster.list(scope)
    if not found:
        raise NotThere(f"there is no Pod of the {hook.word} on {at(record, 'spec.nodeId')}")
    return name(max(found, key=lambda pod: str(at(pod, "metadata.creationTimestamp"))))
