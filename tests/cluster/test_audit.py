"""Requests are counted by user, verb and resource."""

import json
from collections import Counter
from pathlib import Path

from tests.cluster.audit import Request, created, requests
from tests.cluster.cluster import Cluster


def event(stage: str, verb: str, **target: str) -> str:
    body = {"stage": stage, "verb": verb, "user": {"username": "operator"}, "requestURI": "/readyz"}
    when = {"stageTimestamp": "2026-01-01T00:00:00.250000Z", "sourceIPs": ["10.0.0.1"]}
    code = 201 if verb == "create" else 200
    return json.dumps({**body, **when, "objectRef": target, "responseStatus": {"code": code}}) + "\n"


def test_only_answered_requests_after_the_position_count(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_text(event("ResponseComplete", "create", resource="pods"))
    since = log.stat().st_size
    patched = event("ResponseComplete", "patch", resource="batchtasks", subresource="status")
    log.write_text(log.read_text() + patched + event("ResponseStarted", "watch", resource="pods") + patched + '{"half')

    assert requests(log, since) == Counter({Request("operator", "patch", "batchtasks/status", 200): 2})


def test_what_was_made_is_known_by_name_and_moment(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    made = {"resource": "pods", "namespace": "here"}
    others = event("ResponseComplete", "create", **made | {"namespace": "there"}, name="two")
    log.write_text(event("ResponseComplete", "create", **made, name="one") + others)
    assert created(log, 0, "pods", "here") == {"one": 1767225600.25}


def test_reads_are_no_writes() -> None:
    assert not Request("operator", "list", "pods", 200).is_write
    assert Request("operator", "deletecollection", "pods", 200).is_write


def test_requests_to_a_real_api_server_are_logged(cluster: Cluster) -> None:
    since = cluster.audit_position()
    cluster.kubectl("create", "configmap", "audited")
    cluster.kubectl("delete", "configmap", "audited")
    by_admin = {
        request: n for request, n in cluster.requests(since).items() if request.user == "admin" and request.is_write
    }
    assert by_admin == {
        Request("admin", "create", "configmaps", 201): 1,
        Request("admin", "delete", "configmaps", 200): 1,
    }
