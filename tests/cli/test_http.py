"""Calls over HTTP against a server in a thread: what is sent, how refusals and silence are told."""

from __future__ import annotations

import json

import pytest

from batchyard.cli.access.cluster import Account
from batchyard.cli.access.http_cluster import HttpCluster
from batchyard.cli.access.login import Login
from batchyard.cli.outcome import Exit, NotLoggedIn, NotThere, Problem
from batchyard.kube.kinds import BATCH_JOB, POD, Scope
from tests.cli.http_server import Server

JOBS = "/apis/batchyard.io/v1alpha1/namespaces/default/batchjobs"


def ok(body: object) -> tuple[int, bytes]:
    return 200, json.dumps(body).encode()


def test_list_reads_all_pages_and_gives_each_object_its_kind(server: Server) -> None:
    server.answers = [
        ok({"metadata": {"continue": "more"}, "items": [{"metadata": {"name": "a"}}]}),
        ok({"metadata": {}, "items": [{"metadata": {"name": "b"}}]}),
    ]
    found = server.cluster().list(Scope(BATCH_JOB, "default", "team=film", "status.state=active"))
    assert [(each["kind"], each["metadata"]["name"]) for each in found] == [("BatchJob", "a"), ("BatchJob", "b")]
    selector = {"labelSelector": "team=film", "fieldSelector": "status.state=active", "limit": "500"}
    assert [call[:3] for call in server.calls] == [
        ("GET", JOBS, selector),
        ("GET", JOBS, selector | {"continue": "more"}),
    ]
    assert server.headers[0]["Authorization"] == "Bearer me"


def test_writes_name_us_and_are_what_they_are_told(server: Server) -> None:
    server.answers = [ok({}), ok({}), ok({})]
    cluster = server.cluster()
    cluster.create(BATCH_JOB, "default", {"a": 1})
    cluster.patch(BATCH_JOB, "default", "x/y", {"b": 2})
    cluster.delete(BATCH_JOB, "default", "x")
    manager = {"fieldManager": "batchyard"}
    assert server.calls == [
        ("POST", JOBS, manager, {"a": 1}),
        ("PATCH", f"{JOBS}/x%2Fy", manager, {"b": 2}),
        ("DELETE", f"{JOBS}/x", {}, {"propagationPolicy": "Background"}),
    ]
    assert server.headers[1]["Content-Type"] == "application/merge-patch+json"


def test_watch_gives_one_event_a_line(server: Server) -> None:
    events = [{"type": "MODIFIED", "object": {"a": 1}}, {"type": "DELETED", "object": {"a": 2}}]
    server.answers = [(200, "\n".join(json.dumps(each) for each in events).encode())]
    found = [*server.cluster().changes(Scope(BATCH_JOB, "default"), "7", seconds=5)]
    assert found == [("MODIFIED", {"a": 1}), ("DELETED", {"a": 2})]
    assert server.calls[0][2] == {"watch": "true", "resourceVersion": "7", "timeoutSeconds": "5"}


def test_log_comes_as_it_is(server: Server) -> None:
    server.answers = [(200, b"line\n\xff")]
    log = server.cluster().log("default", "pod", "task", follow=False, tail=3)
    assert b"".join(log) == b"line\n\xff"
    assert server.calls[0][1:3] == (POD.object("default", "pod", "log"), {"container": "task", "tailLines": "3"})


def refusal(code: int, message: str) -> tuple[int, bytes]:
    return code, json.dumps({"kind": "Status", "code": code, "message": message}).encode()


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (refusal(404, 'batchjobs "x" not found'), Exit.NOT_FOUND, 'batchjobs "x" not found'),
        (refusal(404, "the server could not find the requested resource"), Exit.NOT_FOUND, "could not find"),
        (refusal(403, "batchjobs is forbidden"), Exit.FORBIDDEN, "batchjobs is forbidden"),
        (refusal(401, "Unauthorized"), Exit.FORBIDDEN, "Unauthorized"),
        (refusal(409, "the object has been modified"), Exit.ERROR, "modified"),
        (refusal(422, "spec.poolInfo: Required value"), Exit.ERROR, "Required value"),
        (refusal(503, "shutting down"), Exit.UNREACHABLE, "shutting down"),
        ((502, b"<html>bad gateway</html>"), Exit.ERROR, "bad gateway"),
        ((500, b""), Exit.ERROR, "HTTP 500"),
        ((200, b"not json"), Exit.UNREACHABLE, "no answer from"),
    ],
)
def test_refusal_has_the_exit_code_that_scripts_can_rely_on(
    server: Server, answer: tuple[int, bytes], code: Exit, says: str
) -> None:
    server.answers = [answer]
    with pytest.raises(Problem, match=says) as caught:
        server.cluster().get(BATCH_JOB, "default", "x")
    assert caught.value.exit_code is code
    assert isinstance(caught.value, NotThere) is (code is Exit.NOT_FOUND)
    assert isinstance(caught.value, NotLoggedIn) is (answer[0] == 401)


def test_server_that_is_not_there_is_told_with_its_address() -> None:
    with pytest.raises(Problem, match=r"no answer from http://127\.0\.0\.1:1: Connection refused") as caught:
        HttpCluster(Login("http://127.0.0.1:1", "default")).get(BATCH_JOB, "default", "x")
    assert caught.value.exit_code is Exit.UNREACHABLE


@pytest.mark.parametrize(
    "address",
    [
        "",
        "10.0.0.1",
        "ftp://x",
        "http://h:notaport",
        "http://h:99999",
        "http://[::1",
        "https://:6443",
        "https://exa mple",
    ],
)
def test_server_that_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Problem, match="is no address"):
        HttpCluster(Login(address, "default"))


def test_proxy_is_asked_for_a_tunnel(server: Server) -> None:
    """It is our server, which knows no CONNECT: what matters is that it was asked."""
    with pytest.raises(Problem, match="Tunnel connection failed: 501"):
        HttpCluster(Login("http://10.255.255.1", "default", proxy=server.address)).get(BATCH_JOB, "default", "x")
    with pytest.raises(Problem, match="scheme 'socks5' is not supported"):
        HttpCluster(Login("http://10.255.255.1", "default", proxy="socks5://x:1")).get(BATCH_JOB, "default", "x")


@pytest.mark.parametrize("proxy", ["http://x:bad", "http://[::1", "x:3128", "http://"])
def test_proxy_that_is_no_address_is_refused(proxy: str) -> None:
    with pytest.raises(Problem, match=r"the proxy '.*' is no address"):
        HttpCluster(Login("http://10.255.255.1", "default", proxy=proxy)).get(BATCH_JOB, "default", "x")


def test_proxy_of_the_environment_may_lack_its_scheme(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", server.address.removeprefix("http://"))
    with pytest.raises(Problem, match="Tunnel connection failed: 501"):
        HttpCluster(Login("http://10.255.255.1", "default")).get(BATCH_JOB, "default", "x")


def test_rights_are_asked_for_as_kubectl_does(server: Server) -> None:
    server.answers = [ok({"status": {"allowed": True}}), ok({"status": {"allowed": False}})]
    assert server.cluster().may("default", "get", "", "pods", "log")
    assert not server.cluster().may("default", "create", "batchyard.io", "batchjobs")
    wanted = {"namespace": "default", "verb": "get", "resource": "pods", "subresource": "log"}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    head = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
    assert server.calls[0] == ("POST", path, {}, {**head, "spec": {"resourceAttributes": wanted}})


def test_rights_of_a_service_account_are_asked_for_in_the_namespace(server: Server) -> None:
    server.answers = [ok({"status": {"allowed": False}})]
    assert not server.cluster().may_account("default", Account("system", "operator"), "create", "", "pods")
    method, path, _, body = server.calls[0]
    assert (method, path) == ("POST", "/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews")
    assert body["metadata"] == {"namespace": "default"}
    assert body["spec"] == {
        "resourceAttributes": {"namespace": "default", "verb": "create", "resource": "pods"},
        "user": "system:serviceaccount:system:operator",
        "groups": ["system:authenticated", "system:serviceaccounts", "system:serviceaccounts:system"],
    }


def test_server_is_read_about_itself(server: Server) -> None:
    server.answers = [ok({"gitVersion": "v1.34.2"})]
    assert server.cluster().read("/version") == {"gitVersion": "v1.34.2"}
    assert server.calls[0][:2] == ("GET", "/version")
