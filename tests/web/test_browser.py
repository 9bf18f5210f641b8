"""The page in a real browser: what a person sees there, of a recorded cluster, of ten thousand nodes, of hostile names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.memory import Memory, Object
from tests.cli.objects import condition, failed, job, node, pool, preparation, record, succeeded, task
from tests.cli.recorded import load
from tests.web.browser import Tab, browser
from tests.web.pages import Page, page_of, served

HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
SECONDS_AGO = "2026-03-01T11:59:3{}Z"


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with browser(tmp_path_factory.mktemp("browser")) as tab:
        yield tab


@pytest.fixture
def quiet(tab: Tab) -> Iterator[Tab]:
    """The browser finds nothing wrong in the page."""
    tab.events.clear()
    yield tab
    assert tab.complaints() == []


@pytest.fixture(scope="module")
def recorded() -> Iterator[Page]:
    with served(load()) as page:
        yield page


def told(tab: Tab) -> str:
    """What is read aloud of the chosen node or task."""
    return str(tab.value("document.querySelector('output').textContent"))


def test_overview_shows_pools_jobs_and_what_needs_a_person(quiet: Tab, recorded: Page) -> None:
    quiet.open(recorded.address)
    for text in ("namespace default", "Needs a person: 1", "ExceedsPool: a task requires 4 slots", "next: lower requiredSlots", "PoolAtMaximum", "6/20", "2 of 2"):  # fmt: skip
        quiet.sees(text)
    quiet.until("document.getElementById('fresh').textContent.startsWith('as of ')")


def test_table_of_jobs_is_filtered_by_the_address(quiet: Tab, recorded: Page) -> None:
    quiet.open(f"{recorded.address}#/?text=frames")
    quiet.sees("frames")
    quiet.until("document.querySelectorAll('tbody')[1]?.rows.length === 1")
    quiet.value("location.hash = '#/?state=active'")
    quiet.until("document.querySelectorAll('tbody')[1].rows.length === 3")
    assert quiet.value("document.querySelector('select[name=state]').value") == "active"


def test_jobs_are_put_together_and_each_group_leads_to_its_jobs(quiet: Tab, recorded: Page) -> None:
    quiet.open(f"{recorded.address}#/?group=state")
    groups = "[...(document.querySelectorAll('table')[1]?.rows || [])].map((row) => row.cells[0].textContent + row.cells[1].textContent).join()"
    quiet.until(f"{groups} === 'GroupJobs,active3,completed2'")
    quiet.value("document.querySelectorAll('table')[1].querySelectorAll('a')[1].click()")
    quiet.until(f"location.hash === '#/?group=state&state=completed' && {groups} === 'GroupJobs,completed2'")
    quiet.value("document.querySelector('select[name=group]').selectedIndex = 3")
    quiet.value("document.querySelector('form').dispatchEvent(new Event('input', {bubbles: true}))")
    quiet.until(f"{groups} === 'GroupJobs,AllTasksComplete2'")


def test_job_shows_why_it_failed_where_and_the_command_for_more(quiet: Tab, recorded: Page) -> None:
    quiet.open(f"{recorded.address}#/job/frames")
    for text in ("job frames: completed, 3 tasks (2 succeeded, 1 failed)", "frames: 3/3 tasks completed, 1 failed", "Failed tasks: 1", "FailureExitCode", "batchyard task logs frames frame2", "Preparation and release: 2 nodes"):  # fmt: skip
        quiet.sees(text)
    quiet.value("document.querySelector('td .command button').click()")
    quiet.until("['copied', 'selected'].includes(document.querySelector('td .command button').textContent)")
    assert quiet.value("getSelection().toString()") == "batchyard task logs frames frame2"
    quiet.value("document.getElementById('swimlane').focus()")
    quiet.press("Home")
    quiet.press("End")
    assert told(quiet).startswith("frame3 on node2: success, ")


def test_waiting_job_has_its_place_in_the_queue(quiet: Tab, recorded: Page) -> None:
    quiet.open(f"{recorded.address}#/job/shots")
    for text in ("12 waiting", "PoolAtMaximum: 12 tasks waiting", "next: raise targetDedicatedNodes or wait", "also: estimated start: in about 2s"):  # fmt: skip
        quiet.sees(text)


def test_page_follows_the_cluster_without_being_loaded_again(quiet: Tab) -> None:
    cluster = Memory(job(counts={"active": 2}))
    with served(cluster) as page:
        quiet.open(f"{page.address}#/job/demo")
        quiet.sees("demo: 0/2 tasks completed")
        quiet.value("window.same = true")
        cluster.objects["BatchJob", "default", "demo"] = job(counts={"succeeded": 2})
        quiet.sees("demo: 2/2 tasks completed")
        assert quiet.value("window.same")


def test_heat_map_of_ten_thousand_nodes_is_read_by_colour_by_letter_and_by_keyboard(quiet: Tab) -> None:
    states = ["idle", "running", "starttaskfailed", "unusable"]
    nodes = [node(f"worker-{n:05}", states[n % 4], runningTasksCount=n % 2, runningTaskSlotsCount=n % 2) for n in range(10_000)]  # fmt: skip
    with page_of(pool(target=10_000, current=10_000), *nodes) as page:
        quiet.open(f"{page.address}#/pool/sample")
        quiet.sees("Nodes: 10000")
        for text in ("idle 2500", "running 2500", "starttaskfailed 2500", "unusable 2500"):
            quiet.sees(text)
        drawn = float(quiet.until("document.getElementById('heatmap').dataset.drawn"))
        print(f"a heat map of 10,000 nodes was drawn in {drawn:.0f} ms")
        assert corner(quiet) == [0, 158, 115, 255]
        quiet.value("document.getElementById('heatmap').focus()")
        quiet.press("Home")
        assert told(quiet) == "worker-00000: idle, 0 tasks on 0 of 1 slots"
        quiet.press("ArrowRight")
        assert told(quiet) == "worker-00001: running, 1 task on 1 of 1 slots"
        quiet.press("End")
        assert told(quiet) == "worker-09999: unusable, 1 task on 1 of 1 slots"


def corner(tab: Tab) -> list[int]:
    """The colour of the first node."""
    found: list[int] = tab.value("[...document.getElementById('heatmap').getContext('2d').getImageData(1, 1, 1, 1).data]")  # fmt: skip
    return found


def test_legend_hides_a_state(quiet: Tab) -> None:
    with page_of(pool(), node("node1", "idle"), node("node2", "offline")) as page:
        quiet.open(f"{page.address}#/pool/sample")
        quiet.sees("offline 1")
        assert corner(quiet) == [0, 158, 115, 255]
        idle = "[...document.querySelectorAll('.legend button')].find((each) => each.innerText.includes('idle'))"
        quiet.value(f"{idle}.click()")
        assert quiet.value(f"{idle}.getAttribute('aria-pressed')") == "false"
        assert corner(quiet)[3] < 60


def test_picture_is_drawn_again_in_the_colours_that_the_screen_changes_to(quiet: Tab) -> None:
    with page_of(pool(), node("node1")) as page:
        quiet.open(f"{page.address}#/pool/sample")
        quiet.until("document.getElementById('heatmap')?.dataset.drawn")
        for colours in ("dark", "light"):
            quiet.value("delete document.getElementById('heatmap').dataset.drawn")
            quiet.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": colours}])
            quiet.until("document.getElementById('heatmap').dataset.drawn")


def test_names_and_messages_are_never_read_as_markup(quiet: Tab) -> None:
    waits = condition("Admitted", "False", "ExceedsPool", f"{HOSTILE}; {HOSTILE}")
    tasks = [task("a", "completed", node="node1", spec={"id": HOSTILE}, info=failed(1, HOSTILE, HOSTILE))]
    of = job(conditions=(waits,), counts={"failed": 1}, spec={"poolInfo": {"poolId": HOSTILE}})
    ill = node(HOSTILE, "unusable", errors=[{"code": HOSTILE, "message": HOSTILE}])
    with page_of(of, *tasks, record(HOSTILE, **preparation("failure", 1)), pool(status={"state": HOSTILE}), ill) as page:  # fmt: skip
        for where in ("", "#/job/demo", "#/pool/sample"):
            quiet.open(page.address + where)
            quiet.sees("onerror" if where != "#/pool/sample" else "unusable 1")
            assert quiet.value("document.images.length + document.querySelectorAll('script').length") == 1
            assert "owned" not in quiet.value("document.title")


def test_policy_stops_what_would_write_markup(tab: Tab, recorded: Page) -> None:
    """Were there ever a line in our scripts that did, it would do nothing."""
    tab.open(recorded.address)
    tab.sees("namespace default")
    refused = "(() => { try { document.body.innerHTML = '<b>x</b>'; return 'written'; } catch (error) { return error.name; } })()"
    assert tab.value(refused) == "TypeError"


def test_what_is_not_there_or_not_permitted_is_said_on_the_page(tab: Tab) -> None:
    cluster = Memory(job())
    cluster.denied = {"batchpools"}
    with served(cluster) as page:
        tab.open(page.address)
        tab.sees("batchpools is forbidden: you cannot read it")
        tab.sees("demo")
        tab.open(f"{page.address}#/job/gone")
        tab.sees('"gone" not found')


def answered_by(made: str) -> str:
    """From now on the page's questions are, with `real` as they were."""
    return f"window.real ??= fetch, window.fetch = async (...all) => {made}, 0"


def test_page_says_of_when_it_is_and_goes_on_after_an_answer_that_is_not_of_its_program(tab: Tab) -> None:
    cluster = Memory(job(counts={"active": 2}))
    with served(cluster) as page:
        tab.open(f"{page.address}#/job/demo")
        tab.sees("0/2 tasks completed")
        tab.value(answered_by("{ const { status, body } = await real(...all); return new Response(status === 304 ? null : body, { status, headers: { 'As-Of': '2026-03-01T11:22:33Z' } }); }"))  # fmt: skip
        tab.sees("as of 11:22:33 UTC")
        tab.value(answered_by("new Response('<html>', { status: 502 })"))
        tab.sees("does not answer here")
        cluster.objects["BatchJob", "default", "demo"] = job(counts={"succeeded": 2})
        tab.value(answered_by("real(...all)"))
        tab.sees("2/2 tasks completed")
        tab.until("document.getElementById('problem').hidden")


def test_timeline_of_a_large_job_is_drawn(quiet: Tab) -> None:
    with page_of(job(counts={"succeeded": 4000}), *large_job()) as page:
        quiet.open(f"{page.address}#/job/demo")
        quiet.sees("4000/4000 tasks completed")
        quiet.until("document.getElementById('swimlane').clientHeight > 100 * 16")
        drawn = float(quiet.value("document.getElementById('swimlane').dataset.drawn"))
        print(f"a timeline of 4,000 tasks was drawn in {drawn:.0f} ms")


def large_job() -> Iterator[Object]:
    for number in range(4000):
        times: Any = {"startTime": SECONDS_AGO.format(number % 5), "endTime": SECONDS_AGO.format(number % 5 + 1)}
        yield task(f"t{number}", "completed", node=f"node{number % 100}", info=succeeded(**times))
