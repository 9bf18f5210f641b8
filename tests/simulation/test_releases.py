"""Releases that are cut short, or that succeed and cannot say so: which of them run again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from batchyard.kube import kinds
from tests.history.process import Step
from tests.history.seen import Unremembered
from tests.simulation.cluster.run_sh import MARK_SECONDS
from tests.simulation.simulation import Result, simulate
from tests.simulation.tape import Tape
from tests.simulation.user import NAMESPACE, User
from tests.simulation.weather import Fair
from tests.simulation.workloads.workload import PREPARATION, inline

Mishap = Callable[[User, str], None]


def rebooted(user: User, node: str) -> None:
    user.nodes.reboot(node)


def evicted(user: User, node: str) -> None:
    user.nodes.machines[node].kubelet.evict(user.pods("release")[0]["metadata"]["uid"])


def stopped(user: User, _: str) -> None:
    user.hub.delete(kinds.POD, NAMESPACE, user.pods("release")[0]["metadata"]["name"])


def played(mishap: Mishap, seconds: float, command: str = "work 5", *, unheard: bool = False) -> Result:
    """The mishap comes so long after the process of the release has begun, at will while nobody hears of its node."""

    async def script(user: User) -> None:
        user.pool(targetDedicatedNodes=1)
        user.job(jobPreparationTask=PREPARATION, jobReleaseTask={"commandLine": command}, tasks=inline("work 2"))
        await user.until_succeeded()
        user.edit(kinds.BATCH_JOB, "demo", desiredState="terminated")
        await user.until_running("release")
        node = user.node_with("release")
        if unheard:
            user.nodes.cut(node)
        await asyncio.sleep(seconds)
        mishap(user, node)
        user.nodes.mend(node)
        await user.until_state("completed")

    return simulate(script, Tape(1), lambda _: Fair())


def ends(result: Result) -> list[int | None]:
    return [process.exit_code for process in result.history.of(Step.RELEASE)]


@pytest.mark.parametrize("mishap", [rebooted, evicted])
def test_one_that_was_lost_before_it_was_noted_runs_again_which_is_no_breach(mishap: Mishap) -> None:
    result = played(mishap, 5 + MARK_SECONDS / 2)
    assert (result.complaints, ends(result)) == ([], [0, 0])
    assert len(result.history.sights(Unremembered)) == 1


def test_one_that_was_noted_is_not_run_again_though_nobody_heard_of_it() -> None:
    result = played(rebooted, 5 + MARK_SECONDS + 0.2, unheard=True)
    assert (result.complaints, ends(result), result.history.sights(Unremembered)) == ([], [0], [])


def test_one_that_is_stopped_before_it_was_noted_is_noted_all_the_same() -> None:
    result = played(stopped, 5 + MARK_SECONDS / 2)
    assert (result.complaints, ends(result), result.history.sights(Unremembered)) == ([], [0], [])


@pytest.mark.parametrize("command", ["work 5", "polite 5"])
@pytest.mark.parametrize("mishap", [rebooted, evicted, stopped])
def test_one_that_was_cut_short_runs_again_whatever_it_made_of_that(mishap: Mishap, command: str) -> None:
    result = played(mishap, 2, command)
    assert (result.complaints, ends(result), result.history.sights(Unremembered)) == ([], [None, 0], [])
