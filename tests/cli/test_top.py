"""`batchyard top`: pools with a letter for each node, jobs with the reason why they wait, in whatever room there is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchyard.api.states import NodeState
from batchyard.cli.show.heat_map import rows
from batchyard.cli.show.node_cells import Tone
from batchyard.cli.show.picture import cut, plain, text, wrapped
from batchyard.cli.show.top import View, frame
from batchyard.kube.kinds import BATCH_JOB, BATCH_NODE, BATCH_POOL, Scope
from tests.cli.memory import Memory
from tests.cli.objects import NOW, Object, condition, job, node, pool
from tests.cli.recorded import load
from tests.cli.typing_in import said, typed

ELSEWHERE: Any = {"meta": {"namespace": "team"}}
JOBS = "JOB   POOL     PROGRESS           FAILED   RUN   WAIT   WHY"
WAITING = condition("Admitted", "False", "PoolAtMaximum", "3 tasks waiting; raise the target")


def drawn(
    *objects: Object, width: int = 100, height: int | None = None, namespace: str | None = "default"
) -> list[str]:
    kinds = ("BatchPool", "BatchNode", "BatchJob")
    view = View(namespace, *([each for each in objects if each["kind"] == kind] for kind in kinds))
    return text(frame(view, NOW, width, height)).split("\n")


def nodes(**states: int) -> list[Object]:
    return [node(f"{state}{number}", state) for state, count in states.items() for number in range(count)]


def test_recorded_cluster_is_shown_with_a_letter_for_each_node_and_a_reason_for_each_job() -> None:
    cluster = load()
    found = (cluster.list(Scope(kind, "default")) for kind in (BATCH_POOL, BATCH_NODE, BATCH_JOB))
    assert text(frame(View("default", *found), cluster.now, 80)).splitlines() == [
        "namespace default at 2026-11-22T02:29:31Z: 1 pool, 2 nodes, 5 jobs",
        "",
        "sample: 2 of 2 nodes   r 2 running",
        "  rr",
        "",
        "JOB         POOL     PROGRESS            FAILED   RUN   WAIT   WHY",
        "demo        sample   [##########] 8/8    0        0     0      Idle: all 8 ta...",
        "wide        sample   [----------] 0/1    0        0     1      ExceedsPool: a...",
        "shots       sample   [###-------] 6/20   0        2     12     PoolAtMaximum:...",
        "frames      sample   [##########] 3/3    1        0     0      AllTasksComple...",
        "run-zcsv8   sample   [##########] 1/1    0        0     0      AllTasksComple...",
    ]


def test_trouble_comes_first_and_the_legend_counts_only_what_is_there() -> None:
    assert drawn(pool(), *nodes(idle=3, running=4, starttaskfailed=1, starting=2))[2:4] == [
        "sample: 2 of 2 nodes   F 1 starttaskfailed   s 2 starting   r 4 running   . 3 idle",
        "  Fssrrrr...",
    ]


def test_legend_that_is_too_long_goes_on_below() -> None:
    assert drawn(pool(), *nodes(idle=3, running=4, starttaskfailed=1), width=50)[2:5] == [
        "sample: 2 of 2 nodes   F 1 starttaskfailed",
        "  r 4 running   . 3 idle",
        "  Frrrr...",
    ]


def test_nodes_that_have_no_room_are_counted_and_are_the_sound_ones() -> None:
    assert drawn(pool(), *nodes(idle=200, unusable=5), width=42, height=9) == [
        "namespace default at 2026-03-01T12:00:0...",
        "",
        "sample: 2 of 2 nodes   U 5 unusable",
        "  . 200 idle",
        "  UUUUU...................................",
        "  .......................... 139 not shown",
        "",
        "no jobs",
    ]


def test_pool_that_is_not_as_it_should_be_says_why() -> None:
    stuck = condition("Ready", "False", "ResizeTimeout", "1 of 3 nodes; add machines")
    assert drawn(pool(target=3, current=1, status={"conditions": [stuck]}), *nodes(idle=1))[2] == (
        "sample: 1 of 3 nodes   . 1 idle   ResizeTimeout: 1 of 3 nodes"
    )


def test_jobs_stand_in_the_order_of_the_queue_and_those_that_are_over_below() -> None:
    found = drawn(
        job("old", "completed", info={"endTime": "2026-03-01T11:59:10Z"}),
        job("new", "completed", info={"endTime": "2026-03-01T11:59:20Z"}),
        job("second", conditions=(WAITING,), counts={"active": 3, "succeeded": 1}),
        job("first", spec={"priority": 5}, counts={"running": 2}),
    )
    assert [line.split()[0] for line in found[5:]] == ["first", "second", "new", "old"]
    assert found[6] == "second   sample   [##--------] 1/4   0        0     3      PoolAtMaximum: 3 tasks waiting"


def test_jobs_and_pools_that_have_no_room_are_counted() -> None:
    pools, jobs = [pool(f"p{number}") for number in range(9)], [job(f"j{number}") for number in range(9)]
    found = drawn(*pools, *jobs, height=14)
    assert [line.split(":")[0] for line in found[2:7]] == ["p0", "p1", "and 7 more pools", "", JOBS]
    assert [line.split("   ")[0] for line in found[7:]] == ["j0", "j1", "j2", "j3", "and 5 more jobs"]


@pytest.mark.parametrize(
    ("found", "tone"),
    [
        (job(counts={"running": 1}), Tone.BUSY),
        (job(conditions=(WAITING,), counts={"active": 1}), Tone.CHANGING),
        (job(counts={"running": 1, "failed": 1}), Tone.TROUBLE),
        (job("over", "completed", counts={"succeeded": 1}), Tone.PLAIN),
    ],
)
def test_job_has_the_tone_of_what_it_is_about(found: Object, tone: Tone) -> None:
    assert frame(View("default", [], [], [found]), NOW, 200)[-1][0][1] is tone


def test_message_with_control_characters_stays_one_harmless_line() -> None:
    ill = condition("Admitted", "False", "Misconfigured", "no\x1b[2J\nimage; fix it")
    assert drawn(job(conditions=(ill,), counts={"active": 1}))[-1].endswith("Misconfigured: no [2J image")


def test_title_says_that_the_api_server_does_not_answer_and_no_time_of_now() -> None:
    [(title, tone)], *_ = frame(View("default", [], [], [], silence="last news at 12:00, no answer\n"), NOW, 200)
    assert title == "namespace default, last news at 12:00, no answer : 0 pools, 0 nodes, 0 jobs"
    assert tone is Tone.TROUBLE


def test_empty_namespace_says_so() -> None:
    assert said("top").splitlines()[1:] == ["", "no pools", "", "no jobs"]


def test_all_namespaces_keep_pools_of_one_name_apart() -> None:
    there = {**pool(), "metadata": {**pool()["metadata"], "namespace": "team"}}
    out = said("top --all-namespaces", pool(), there, *nodes(idle=2), job(**ELSEWHERE))
    assert out.splitlines()[0] == "all namespaces at 2026-03-01T12:00:00Z: 2 pools, 2 nodes, 1 job"
    assert "default/sample: 2 of 2 nodes   . 2 idle\n  ..\nteam/sample: 2 of 2 nodes\n" in out
    assert "\nteam/demo" in out


def test_one_picture_is_printed_whole_where_no_terminal_shows_it() -> None:
    jobs = [job(f"j{number}") for number in range(200)]
    assert typed("top", Memory(*jobs)) == typed("top --once", Memory(*jobs))
    assert said("top", *jobs).count("\nj") == 200


@given(
    st.lists(st.sampled_from([*NodeState, ""]), max_size=150),
    st.integers(0, 12),
    st.integers(0, 40),
    st.integers(20, 120),
    st.integers(1, 40),
)
def test_picture_fits_whatever_there_is(states: list[str], pools: int, jobs: int, width: int, height: int) -> None:
    there = [node(f"n{number}", state, pool=f"p{number % 3}") for number, state in enumerate(states)]
    found = drawn(
        *(pool(f"p{number}") for number in range(pools)),
        *there,
        *(job(f"j{number}", counts={"active": number}) for number in range(jobs)),
        width=width,
        height=height,
    )
    assert len(found) <= height
    assert max(map(len, found)) <= width


@given(st.lists(st.sampled_from([*NodeState]), max_size=300), st.integers(24, 120), st.integers(1, 12))
def test_every_node_is_a_letter_or_counted(states: list[str], width: int, room: int) -> None:
    found = text(rows([node(f"n{number}", state) for number, state in enumerate(states)], width, room)).split("\n")
    letters, _, hidden = "".join(line.strip() for line in found).partition(" ")
    assert len(letters) + int(hidden.removesuffix(" not shown") or 0) == len(states)
    assert len(found) <= room
    assert max(map(len, found)) <= width


def test_pieces_are_cut_and_wrapped_to_the_width() -> None:
    assert text([cut([("abc", Tone.BUSY), ("defgh", Tone.FREE)], 7)]) == "abcd..."
    assert text([cut(plain("abcdefg"), 7)]) == "abcdefg"
    assert text([cut(plain("abcdefg"), 2)]) == ".."
    assert (
        text(wrapped([("a" * 4, Tone.BUSY), ("b" * 4, Tone.BUSY), ("c" * 4, Tone.FREE)], 11)) == "aaaa   bbbb\n  cccc"
    )
