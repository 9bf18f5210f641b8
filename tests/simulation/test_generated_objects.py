"""Objects made from our schemas, right and wrong ones, on a real API server: it takes them, or says which field is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
import yaml

from tests.simulation.api.call import Body, Request
from tests.simulation.api.custom import DIRECTORY, CustomResource, custom_resources
from tests.simulation.conformance.control_plane import define, running
from tests.simulation.conformance.real_server import RealServer
from tests.simulation.conformance.values import Values

pytestmark = pytest.mark.cluster  # not one, but programs of one
OF_EACH_KIND = 60
ROOM = "generated"


@pytest.fixture(scope="module")
def real_server() -> Iterator[RealServer]:
    with running() as plane, plane.api_server() as server:
        define(server, [yaml.safe_load(file.read_text()) for file in sorted(DIRECTORY.glob("*.yaml"))])
        server.handle(Request("POST", "/api/v1/namespaces", {}, {"metadata": {"name": ROOM}}))
        yield server


def generated(resource: CustomResource, chance: Random) -> Body:
    values = Values(chance, wrong=chance.choice([0, 0.02, 0.1]), optional=chance.choice([0, 0.15, 0.5]))
    head = {"apiVersion": resource.kind.api_version, "kind": resource.kind.kind, "metadata": {"name": "demo"}}
    return {**head, "spec": values.draw(resource.schema["properties"]["spec"])}


@pytest.mark.parametrize("resource", custom_resources(), ids=lambda resource: resource.kind.kind)
def test_an_object_is_taken_or_its_wrong_field_is_named(real_server: RealServer, resource: CustomResource) -> None:
    codes = set()
    for seed in range(OF_EACH_KIND):
        body = generated(resource, Random(seed))
        answer = real_server.handle(Request("POST", resource.kind.collection(ROOM), {"dryRun": "All"}, body))
        codes.add(answer.code)
        if answer.code != 201:
            fields = [cause["field"] for cause in answer.body["details"]["causes"]]
            assert (answer.code, answer.body["reason"]) == (422, "Invalid"), f"seed {seed}: {answer.body}"
            assert any(field.startswith(("spec", ".spec")) for field in fields), f"seed {seed}: {answer.body}"
    assert codes == {201, 422}, "both right and wrong objects were made"
