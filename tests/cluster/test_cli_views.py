"""`batchyard` against a real cluster, where it shows all of it at once: lists in every form, long outputs, a terminal, a browser, a trace."""

import json
from pathlib import Path
from typing import Any

from batchyard import __version__
from tests.cluster.shell import Shell
from tests.cluster.test_cli import somebody
from tests.web.pages import Page
from tests.web.test_command import first_line, started

HOOKS: dict[str, Any] = {
    "jobPreparationTask": {"commandLine": "/bin/sh -c 'echo under $TRACEPARENT'"},
    "jobReleaseTask": {"commandLine": "true"},
}


def run(shell: Shell) -> None:
    """A job of two tasks, one of which fails, from its preparation to its release."""
    tasks = {"one": "/bin/sh -c 'echo under $TRACEPARENT'", "two": "/bin/sh -c 'exit 3'"}
    shell.batch.job("demo", tasks=tasks, onAllTasksComplete="terminatejob", **HOOKS)
    shell.batch.job_state("completed", "demo")


def test_top_prints_one_picture_where_no_terminal_shows_it(small: Shell, tmp_path: Path) -> None:
    run(small)
    small.batch.wait("the node is idle again", lambda: "\npool: 1 of 1 node . 1 idle\n .\n" in small("top"))
    told = small("top --once")
    assert told.startswith(f"namespace {small.batch.namespace} at T: 1 pool, 1 node, 1 job\n")
    assert "\ndemo pool [##########] 2/2 1 0 0 AllTasksComplete: 1 of 2 tasks succeeded\n" in told
    assert " 1 of 1 node " in somebody(small.batch, "view", tmp_path)("top")


def test_page_tells_what_its_caller_may_see_and_nothing_else(small: Shell, tmp_path: Path) -> None:
    run(small)
    here, viewer = small.batch.namespace, somebody(small.batch, "view", tmp_path)
    kubeconfig = viewer.kubeconfig.read_text()
    with started(tmp_path, "--no-open", "-n", here, kubeconfig=kubeconfig) as process:
        page = Page(first_line(process))
        assert b"<title>Batchyard</title>" in page.asked("").body
        assert [each["name"] for each in page.asked("api/pools").json["pools"]] == ["pool"]
        (row,) = page.asked("api/jobs").json["jobs"]
        assert (row["name"], row["counts"]["failed"], row["why"]["reason"]) == ("demo", 1, "AllTasksComplete")
        assert page.asked("api/pool/pool").json["namespace"] == here
        assert "two" in json.dumps(page.asked("api/job/demo").json)
    with started(tmp_path, "--no-open", "-n", "default", kubeconfig=kubeconfig) as process:
        page = Page(first_line(process))
        for question in ("api/pools", "api/jobs", "api/job/demo"):
            refused = page.asked(question)
            assert (refused.status, "is forbidden" in refused.json["error"]) == (403, True), question


def test_trace_of_a_job_has_the_spans_that_its_commands_were_told(small: Shell) -> None:
    run(small)
    (resource,) = json.loads(small("job trace demo"))["resourceSpans"]
    spans = {span["name"]: span for scope in resource["scopeSpans"] for span in scope["spans"]}
    root, prepared, one = spans["job demo"], spans["preparation"], spans["task one"]
    below = {name: span["parentSpanId"] for name, span in spans.items() if span is not root}
    assert below == {
        **dict.fromkeys(("waiting", "preparation", "task one", "task two", "release node1"), root["spanId"]),
        "preparation node1": prepared["spanId"],
    }
    assert small("task logs demo one --stdout") == f"under 00-{one['traceId']}-{one['spanId']}-01\n"
    assert small("job logs demo --hook preparation").endswith(f"under 00-{root['traceId']}-{prepared['spanId']}-01\n")
    assert spans["task two"]["status"]["code"] == 2
    chrome = json.loads(small("job trace demo --format chrome"))
    assert chrome["otherData"] == {"trace": root["traceId"], "namespace": small.batch.namespace}


def test_lists_have_every_form_and_take_labels(small: Shell) -> None:
    run(small)
    small.batch.cluster.kubectl("label", "bpool", "pool", "-n", small.batch.namespace, "team=film")
    for line, kind, names in (
        ("pool list", "BatchPool", ["pool"]),
        ("task list demo", "BatchTask", ["demo.one", "demo.two"]),
    ):
        assert small(f"{line} -o name").split() == [f"{kind.lower()}.batchyard.io/{name}" for name in names]
        items = json.loads(small(f"{line} -o json"))["items"]
        assert [(each["kind"], each["metadata"]["name"]) for each in items] == [(kind, name) for name in names]
        assert small(f"{line} -o yaml").count(f"kind: {kind}\n") == len(names)
        narrow, wide = (small(f"{line}{form}").splitlines()[0].split() for form in ("", " -o wide"))
        assert set(narrow) < set(wide)
    assert small("pool list -l team=film -o name") == "batchpool.batchyard.io/pool\n"
    assert small("pool list -l team!=film -o name") == ""


def test_versions_are_told_as_far_as_the_caller_may_know_them(small: Shell, tmp_path: Path) -> None:
    told = small("version")
    assert f"\noperator {__version__} batchyard-system/batchyard: " in told
    assert told.endswith(f"\ndefinitions {__version__} batchyard.io/v1alpha1\n")
    viewer = somebody(small.batch, "view", tmp_path)("version")
    assert f"command-line {__version__} -\nkubernetes v1." in viewer
    assert viewer.count(" unknown ") == viewer.count(" is forbidden: ") == 2


def test_long_output_is_whole_although_the_kubelet_has_let_its_beginning_go(small: Shell, tmp_path: Path) -> None:
    small.batch.job("long", tasks={"one": "/bin/sh -c 'seq 1 300000; sleep 25; echo end'"})
    small.batch.completed("one", job="long")
    assert small("task logs long one").split() == [*map(str, range(1, 300001)), "end"]
    kept = somebody(small.batch, "view", tmp_path)("task logs long one").split()
    assert (kept[-1], len(kept) < 300001) == ("end", True)
