from __future__ import annotations

from typing import Any

import orjson
import pytest

from batchyard.kube.errors import Cause, Conflict, KubeError, NotFound, Rejected, Unavailable, from_response


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(404, {"details": {"name": "a", "kind": "pods"}}, NotFound, id="an object that does not exist"),
        pytest.param(404, {"details": {}}, Unavailable, id="a kind that is not served says nothing about objects"),
        pytest.param(409, {"reason": "Conflict"}, Conflict, id="a stale resource version"),
        pytest.param(410, {"reason": "Expired"}, Conflict, id="a version or page that was forgotten"),
        pytest.param(412, {}, Conflict, id="a failed precondition"),
        pytest.param(422, {"reason": "Invalid"}, Conflict, id="a JSON patch whose test failed"),
        pytest.param(422, {"reason": "Invalid", "details": {"name": "a"}}, Rejected, id="an invalid object"),
        pytest.param(400, {}, Rejected, id="a malformed request"),
        pytest.param(401, {}, Unavailable, id="a token in rotation"),
        pytest.param(403, {}, Rejected, id="a forbidden request"),
        pytest.param(408, {}, Unavailable, id="a request timeout"),
        pytest.param(413, {}, Rejected, id="an object that is too large"),
        pytest.param(415, {}, Rejected, id="an unknown content type"),
        pytest.param(429, {}, Unavailable, id="throttling"),
        pytest.param(500, {}, Unavailable, id="an internal error"),
        pytest.param(503, {}, Unavailable, id="a server that starts or stops"),
        pytest.param(504, {}, Unavailable, id="a server-side timeout"),
        pytest.param(302, {}, Unavailable, id="a redirect by something in between"),
    ],
)
def test_answer_becomes_the_error_of_its_meaning(status: int, body: dict[str, Any], expected: type[KubeError]) -> None:
    error = from_response(status, body)
    assert type(error) is expected
    assert error.status == status


@pytest.mark.parametrize(
    ("status", "unknown"),
    [(401, False), (404, False), (408, True), (429, False), (500, True), (503, True), (504, True)],
)
def test_outcome_of_a_write_is_unknown_once_the_server_took_it_on(status: int, unknown: bool) -> None:
    error = from_response(status, {}, write=True)
    assert isinstance(error, Unavailable)
    assert error.outcome_unknown is unknown


def test_outcome_of_a_read_is_never_unknown() -> None:
    error = from_response(500, {}, write=False)
    assert isinstance(error, Unavailable)
    assert not error.outcome_unknown


def test_existing_object_is_told_from_a_stale_version() -> None:
    exists, stale = from_response(409, {"reason": "AlreadyExists"}), from_response(409, {"reason": "Conflict"})
    assert isinstance(exists, Conflict)
    assert isinstance(stale, Conflict)
    assert (exists.already_exists, stale.already_exists) == (True, False)


def test_expired_is_told_from_other_conflicts() -> None:
    expired, conflict = from_response(410, {}), from_response(409, {})
    assert isinstance(expired, Conflict)
    assert isinstance(conflict, Conflict)
    assert (expired.expired, conflict.expired) == (True, False)


def test_rejection_names_the_fields() -> None:
    causes = [{"reason": "FieldValueInvalid", "field": "spec.priority", "message": "too high"}]
    error = from_response(422, {"message": "invalid", "details": {"name": "a", "causes": causes}})
    assert isinstance(error, Rejected)
    assert error.causes == (Cause("FieldValueInvalid", "spec.priority", "too high"),)
    assert str(error) == "invalid (HTTP 422)"


def test_retry_after_is_read_from_the_header_and_else_from_the_body() -> None:
    body = {"details": {"retryAfterSeconds": 7}}
    from_header, from_body = from_response(429, body, retry_after=2.0), from_response(429, body)
    assert isinstance(from_header, Unavailable)
    assert isinstance(from_body, Unavailable)
    assert (from_header.retry_after, from_body.retry_after) == (2, 7)


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"\xff\xfe", b"[1, 2]", orjson.dumps("text")])
def test_body_of_a_proxy_is_understood_too(body: bytes) -> None:
    error = from_response(502, body)
    assert isinstance(error, Unavailable)
    assert "(HTTP 502)" in error.message
