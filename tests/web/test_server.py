"""Who is let in to the page, and what is never told there: attacks on the server that `batchyard ui` starts."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from typing_extensions import override

from batchyard.cli.outcome import Exit, NotLoggedIn, Problem
from batchyard.cli.session import Session
from batchyard.cli.web.answers import Answers
from batchyard.cli.web.kept import Kept
from batchyard.cli.web.recent import Recent
from batchyard.cli.web.server import Server, told
from batchyard.kube.kinds import Scope
from tests.cli.memory import Memory, Object
from tests.cli.objects import NOW, job, node, pool, task
from tests.cli.recorded import load
from tests.web.pages import SECRET, Page, page_of, served

SECRETS = ("/bin/sh -c", "AZ_SECRET", "hunter2")


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with served(load()) as page:
        yield page


def test_page_and_all_its_parts_are_served_and_load_nothing_from_elsewhere(page: Page) -> None:
    index = page.asked("")
    assert (index.status, index.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    parts = {name: page.asked(name) for name in ("style.css", "app.js", "heatmap.js", "swimlane.js")}
    assert {said.status for said in parts.values()} == {200}
    assert not any(b"//" in said.body.replace(b"// ", b"") for said in (index, *parts.values()))


@pytest.mark.parametrize(
    "path",
    ["/", "/app.js", "/api/jobs", "/wrong/", "/wrong/api/jobs", f"/{SECRET[:-1]}/api/jobs", f"/{SECRET}x/", f"/x/{SECRET}/", "/%61-secret/"],
)  # fmt: skip
def test_nothing_is_told_without_the_secret(page: Page, path: str) -> None:
    said = page.asked(path)
    assert (said.status, said.body) == (404, b"Not Found")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil", "", "[::]:1", "10.0.0.1"])  # fmt: skip
def test_a_page_from_elsewhere_whose_name_was_turned_to_this_machine_is_refused(page: Page, host: str) -> None:
    assert page.asked("api/jobs", Host=host).status == 421


@pytest.mark.parametrize("host", ["localhost:1234", "127.0.0.1", "localhost"])
def test_this_machine_is_served_by_any_of_its_names_also_through_a_tunnel(page: Page, host: str) -> None:
    assert page.asked("api/jobs", Host=host).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_it_only_reads(page: Page, method: str) -> None:
    assert page.asked("api/jobs", method).status == 405


def test_a_method_of_nobodys_is_refused_too(page: Page) -> None:
    assert page.asked("api/jobs", "BREW").status == 501


@pytest.mark.parametrize(
    "path",
    ["../guard.py", "..%2fguard.py", "%2e%2e/guard.py", "/etc/passwd", "static/app.js", "./app.js", "app.js%00", "api", "api/", "__init__.py"],
)  # fmt: skip
def test_no_path_leads_to_a_file_that_is_not_of_the_page(page: Page, path: str) -> None:
    assert page.asked(path).status == 404


@pytest.mark.parametrize(
    "question",
    ["secrets", "pods", "secret/x", "pod/x", "task/x", "nodes", "pool/..", "job/..%2f..%2fsecrets", "job/a%2fb", "job/a,metadata.name=b", "pool/", "job/A"],
)  # fmt: skip
def test_nothing_but_pools_and_jobs_is_told_of(page: Page, question: str) -> None:
    assert page.asked(f"api/{question}").status == 404


def test_commands_and_variables_are_never_told() -> None:
    hidden = {"commandLine": "/bin/sh -c hunter2", "environmentSettings": [{"name": "AZ_SECRET", "value": "hunter2"}]}
    of = job(spec={"jobPreparationTask": hidden, "commonEnvironmentSettings": hidden["environmentSettings"]})
    with page_of(of, pool(), node("node1"), task("a", spec=hidden)) as page:
        told = "".join(page.asked(f"api/{each}").body.decode() for each in ("jobs", "pools", "job/demo", "pool/sample"))
    assert "demo" in told
    assert [word for word in SECRETS if word in told] == []


def test_whatever_the_browser_is_told_comes_with_a_policy_that_runs_no_script_of_others(page: Page) -> None:
    for path in ("", "app.js", "api/jobs", "/", "api/nothing"):
        said = page.asked(path)
        policy = said.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert said.headers["X-Content-Type-Options"] == "nosniff"
        assert said.headers["Referrer-Policy"] == "no-referrer"
        assert said.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in said.headers
        assert said.headers["Server"] == "batchyard"


def test_hostile_words_are_data_in_json_and_never_a_page() -> None:
    with page_of(job(spec={"poolInfo": {"poolId": "<script>alert(1)</script>"}})) as page:
        said = page.asked("api/jobs")
    assert said.headers["Content-Type"].startswith("application/json")
    assert said.json["jobs"][0]["pool"] == "<script>alert(1)</script>"


def test_what_has_not_changed_is_not_sent_again() -> None:
    cluster, moment = Memory(job()), 0.0
    answers = Answers(Session(cluster, "default"), Recent(cluster, lambda: cluster, Kept(1.0, lambda: moment)))
    first, again = told(answers, "jobs", {}), told(answers, "jobs", {})
    cluster.objects["BatchJob", "default", "demo"]["status"]["state"] = "completed"
    moment += 1
    assert first.tag == again.tag != told(answers, "jobs", {}).tag
    with served(cluster) as page:
        tag = page.asked("api/jobs").headers["ETag"]
        same = page.asked("api/jobs", If_None_Match=tag)
        assert (same.status, same.body) == (304, b"")
        assert same.headers["As-Of"]
        assert page.asked("api/pools", If_None_Match=tag).status == 200


def test_answer_says_of_when_the_oldest_is_that_it_tells() -> None:
    moment, cluster = NOW, Memory(job(), pool())
    recent = Recent(cluster, lambda: cluster, Kept(60.0, lambda: 0.0), lambda: moment)
    answers = Answers(Session(cluster, "default"), recent)
    told(answers, "jobs", {})
    moment += timedelta(seconds=20)
    assert told(answers, "jobs", {}).headers == {"As-Of": "2026-03-01T12:00:00Z"}
    assert told(answers, "pools", {}).headers == {"As-Of": "2026-03-01T12:00:20Z"}


def test_address_that_a_browser_is_started_with_leads_to_the_page_once() -> None:
    cluster = Memory(job())
    with Server(0, SECRET, Answers(Session(cluster, "default"), Recent(cluster, lambda: cluster))) as server:
        path = urlsplit(server.invitation()).path
        assert SECRET not in path
        assert server.answer("POST", "localhost", path).status == 405
        assert server.answer("GET", "evil.example", path).status == 421
        assert server.answer("GET", "localhost", "//").status == 404
        first, again = server.answer("GET", "localhost", path), server.answer("GET", "localhost", path)
    assert (first.status, first.headers, first.body) == (303, {"Location": f"/{SECRET}/"}, b"")
    assert (again.status, again.headers, again.body) == (404, {}, b"Not Found")


def test_page_that_is_closed_with_a_reset_leaves_no_word_in_the_terminal(
    page: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    url = urlsplit(page.address)
    with socket.create_connection((str(url.hostname), url.port or 0)) as closed:
        closed.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        closed.send(b"GET ")
    assert page.asked("").status == 200
    for thread in threading.enumerate():
        if "process_request" in thread.name:
            thread.join(10)
    assert capsys.readouterr().err == ""


def test_who_may_not_read_something_is_told_so_and_sees_the_rest() -> None:
    cluster = Memory(job(), pool())
    cluster.denied = {"batchpools"}
    with served(cluster) as page:
        pools, jobs = page.asked("api/pools"), page.asked("api/jobs")
    assert (pools.status, pools.json["error"]) == (403, "batchpools is forbidden: you cannot read it")
    assert (jobs.status, jobs.json["total"]) == (200, 1)


def test_cluster_that_does_not_answer_is_told_as_such() -> None:
    cluster = Memory(job())
    cluster.refuses = Problem("no answer from https://x", hint="is it the right --context?")
    with served(cluster) as page:
        said = page.asked("api/jobs")
    assert (said.status, said.json) == (
        502,
        {"error": "no answer from https://x", "hint": "is it the right --context?"},
    )


class Away(Memory):
    """Every call is given up after half a minute, until it `refuses` no more; a clock that only this moves."""

    now = 0.0

    @override
    def list(self, scope: Scope) -> list[Object]:
        self.now += 30.0 if self.refuses else 0.0
        return super().list(scope)


def test_cluster_that_answers_again_is_told_of_however_long_its_failure_took() -> None:
    cluster = Away(job())
    cluster.refuses = Problem("no answer from https://x", Exit.UNREACHABLE)
    with served(cluster, clock=lambda: cluster.now) as page:
        assert page.asked("api/jobs").status == 502
        cluster.refuses = None
        assert page.asked("api/jobs").json["total"] == 1


def test_credentials_that_have_expired_are_fetched_anew_once() -> None:
    expired, fresh = Memory(), Memory(job())
    expired.refuses = NotLoggedIn("Unauthorized")
    logins = iter([fresh])
    recent = Recent(expired, lambda: next(logins))
    assert [*Answers(Session(expired, "default"), recent).to("jobs", {})[0]["states"]] == ["active"]
