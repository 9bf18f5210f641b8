"""For each alert of the chart: series in which it fires, with what it then says, and series in which it must keep silent. Promtool's notation, a sample a minute."""

from collections.abc import Mapping
from dataclasses import dataclass

Series = Mapping[str, str]
POOL = {"namespace": "team", "pool": "render"}
_OF = 'namespace="team",pool="render"'


@dataclass(frozen=True)
class Case:
    alert: str
    fires: Series
    silent: tuple[Series, ...]
    summary: str
    labels: Mapping[str, str]
    at: str = "60m"


def _leader(pod: str, values: str, namespace: str = "batchyard-system") -> Series:
    return {f'batchyard_leader{{namespace="{namespace}",pod="{pod}"}}': values}


def _oldest(values: str, namespace: str = "batchyard-system") -> Series:
    return {f'batchyard_workqueue_oldest_seconds{{namespace="{namespace}",pod="a"}}': values}


def _requests(**by_code: str) -> Series:
    return {f'batchyard_api_requests_total{{verb="create",kind="Pod",code="{k[1:]}"}}': v for k, v in by_code.items()}


def _nodes(**by_state: str) -> Series:
    return {f'batchyard_pool_nodes{{{_OF},state="{state}"}}': values for state, values in by_state.items()}


def _tasks(**by_state: str) -> Series:
    return {f'batchyard_pool_tasks{{{_OF},state="{state}"}}': values for state, values in by_state.items()}


def _passes(fast: str, slow: str) -> Series:
    return {f'batchyard_pass_seconds_bucket{{le="{le}"}}': v for le, v in (("0.5", fast), ("1", slow), ("+Inf", slow))}


def _lag(short: str, long: str) -> Series:
    of = "batchyard_event_loop_lag_seconds_bucket"
    return {f'{of}{{le="{le}"}}': v for le, v in (("1", short), ("2.5", long), ("+Inf", long))}


def _needs_human(kind: str, reason: str, values: str) -> Series:
    return {f'batchyard_pool_needs_human{{{_OF},kind="{kind}",reason="{reason}"}}': values}


def _finished(result: str, code: str, values: str) -> Series:
    return {f'batchyard_tasks_finished_total{{{_OF},result="{result}",code="{code}"}}': values}


def _steps(result: str, values: str) -> Series:
    return {f'batchyard_steps_finished_total{{{_OF},step="preparation",result="{result}"}}': values}


_TARGET = {f"batchyard_pool_target_nodes{{{_OF}}}": "3x90"}
CASES = (
    Case(
        "BatchyardOperatorDown",
        {**_leader("a", "1x40 0x50"), **_leader("b", "0x90"), **_leader("c", "1x90", namespace="another-release")},
        (
            {**_leader("a", "1x56 0x40"), **_leader("b", "0x58 1x40")},  # one takes over
            {**_leader("a", "1x90"), **_leader("b", "0x90"), **_leader("c", "0x90", namespace="another-release")},
        ),
        "No operator in namespace batchyard-system holds the lease",
        {"namespace": "batchyard-system"},
    ),
    Case(
        "BatchyardOperatorDown",
        {
            **_leader("a", "1x40 _x50"),
            **_leader("c", "1x90", namespace="another-release"),
        },  # nobody is there to be read
        ({**_leader("a", "1x40 _x4 1x60")},),
        "No operator in namespace batchyard-system holds the lease",
        {"namespace": "batchyard-system"},
    ),
    Case(
        "BatchyardPlanningFails",
        {"batchyard_quarantined_total": "0x20 0+1x70"},
        ({"batchyard_quarantined_total": "3x90"}, {"batchyard_quarantined_total": "0x45 1x60"}),  # once
        "The operator leaves a pool or job out, because planning for it fails",
        {},
    ),
    Case(
        "BatchyardApiServerRefuses",
        _requests(c403="0+6x90"),
        (_requests(c403="0+1x90"), _requests(c409="0+600x90", c404="0+600x90", c201="0+600x90")),
        "The API server refuses create of Pod with 403",
        {"verb": "create", "kind": "Pod", "code": "403"},
    ),
    Case(
        "BatchyardApiServerErrors",
        _requests(c201="0+60x90", c503="0+10x90", c0="0+10x90"),
        (_requests(c201="0+60x90", c503="0+5x90"), _requests(c201="0+60x90")),
        "Many of the operator's requests to the API server fail",
        {},
    ),
    Case(
        "BatchyardPassesSlow",
        _passes("0+50x90", "0+60x90"),
        (_passes("0+60x90", "0+60x90"), _passes("0x90", "0x90")),
        "A pass over a pool takes more than 0.5 seconds",
        {},
    ),
    Case(
        "BatchyardEventLoopLags",
        _lag("0+100x90", "0+120x90"),
        (_lag("0+120x90", "0+120x90"), _lag("0x90", "0x90")),
        "The operator's event loop is late by more than 1 seconds",
        {},
    ),
    Case(
        "BatchyardQueueStalls",
        _oldest("0x20 0+60x70"),
        (_oldest("0 30 90 20 110x86"), _oldest("0x50 0+60x4 0x40"), _oldest("0+60x90", namespace="another-release")),
        "A pool has had news for 120 seconds and the operator in namespace batchyard-system has not looked",
        {"namespace": "batchyard-system"},
    ),
    Case(
        "BatchyardPoolBelowTarget",
        {**_TARGET, **_nodes(idle="1x90", unusable="2x90")},
        ({**_TARGET, **_nodes(idle="1x90", running="2x90")}, {**_TARGET, **_nodes(starting="3x40", idle="_x40 3x90")}),
        "Pool team/render lacks 2 usable nodes",
        POOL,
    ),
    Case(
        "BatchyardPoolBelowTarget",
        _TARGET,  # of which there is no node at all
        ({f"batchyard_pool_target_nodes{{{_OF}}}": "0x90"},),
        "Pool team/render lacks 3 usable nodes",
        POOL,
    ),
    Case(
        "BatchyardStartTaskFails",
        _nodes(idle="2x90", starttaskfailed="1x90"),
        (_nodes(idle="3x90"), _nodes(starttaskfailed="1x54 0x40")),
        "The start task of pool team/render failed on 1 nodes",
        POOL,
    ),
    Case(
        "BatchyardNeedsHuman",
        _needs_human("job", "ExceedsPool", "2x90"),
        ({}, _needs_human("job", "ExceedsPool", "2x50 0x40"), _needs_human("pool", "AllocationTimedout", "0x50 1x40")),
        "2 of kind job in pool team/render need a person: ExceedsPool",
        {**POOL, "kind": "job", "reason": "ExceedsPool"},
    ),
    Case(
        "BatchyardNeedsHuman",
        _needs_human("pool", "AllocationTimedout", "1x90"),
        (_needs_human("pool", "AllocationTimedout", "1x30 _x40"),),
        "1 of kind pool in pool team/render need a person: AllocationTimedout",
        {**POOL, "kind": "pool", "reason": "AllocationTimedout"},
    ),
    Case(
        "BatchyardNoProgress",
        {**_tasks(active="5x90", preparing="0x90", running="0x90"), **_nodes(idle="1x90")},
        (
            {**_tasks(active="5x90", preparing="0x90", running="1x90"), **_nodes(idle="1x90")},
            {**_tasks(active="5x90", preparing="0x90", running="0x90"), **_nodes(unusable="1x90")},
            {**_tasks(active="0x90", preparing="0x90", running="0x90"), **_nodes(idle="1x90")},
        ),
        "Pool team/render has idle nodes and waiting tasks, and nothing runs",
        POOL,
    ),
    Case(
        "BatchyardTasksFail",
        {**_finished("success", "", "0+1x90"), **_finished("failure", "FailureExitCode", "0+2x90")},
        (
            {**_finished("success", "", "0+2x90"), **_finished("failure", "FailureExitCode", "0+1x90")},
            {**_finished("success", "", "0x90"), **_finished("failure", "FailureExitCode", "0x40 5x50")},  # only five
            {**_finished("success", "", "0+1x90"), **_finished("failure", "TaskEnded", "0+20x90")},
        ),
        "Many tasks of pool team/render fail",
        POOL,
    ),
    Case(
        "BatchyardStepsFail",
        {**_steps("success", "0+1x90"), **_steps("failure", "0x50 1x40")},
        ({**_steps("success", "0+1x90"), **_steps("failure", "3x90")},),
        "A preparation of jobs in pool team/render fails on nodes",
        {**POOL, "step": "preparation"},
    ),
)
