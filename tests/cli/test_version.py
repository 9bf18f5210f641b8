"""`batchyard version`: what plays together, and what the caller may not know of it."""

from __future__ import annotations

import json

import yaml

from batchyard import __version__
from batchyard.cli.outcome import Exit, Problem
from tests.cli.memory import Memory
from tests.cli.test_doctor import definition, sound
from tests.cli.typing_in import said, typed


def rows(cluster: Memory) -> dict[str, str]:
    answer = typed("version", cluster)
    assert (answer.code, answer.err) == (Exit.OK, "")
    pairs = (line.split(maxsplit=1) for line in answer.out.splitlines()[1:])
    return {what: " ".join(rest.split()) for what, rest in pairs}


def test_versions_of_all_that_plays_together_are_told() -> None:
    assert rows(sound()) == {
        "command-line": f"{__version__} -",
        "kubernetes": "v1.34.2 -",
        "operator": f"{__version__} batchyard-system/batchyard: example/batchyard:1",
        "definitions": f"{__version__} batchyard.io/v1alpha1",
    }


def test_definitions_of_several_versions_are_told_with_all_of_them() -> None:
    assert rows(sound(definition("batchjobs", version="0.0.1")))["definitions"].startswith(f"0.0.1, {__version__} ")


def test_what_the_caller_may_not_read_is_unknown_with_the_reason() -> None:
    cluster = sound()
    cluster.denied = {"deployments", "customresourcedefinitions"}
    told = rows(cluster)
    assert told["operator"] == "unknown deployments is forbidden: you cannot read it"
    assert told["definitions"] == "unknown customresourcedefinitions is forbidden: you cannot read it"
    assert told["kubernetes"] == "v1.34.2 -"
    found = json.loads(typed("version -o json", cluster).out)
    assert (found["batchyard"], found["operators"], found["definitions"]) == (__version__, [], {})
    assert {"what": "deployments of the operator", "why": "deployments is forbidden: you cannot read it"} in found[
        "unread"
    ]


def test_cluster_without_us_has_no_operator_and_no_definitions() -> None:
    cluster = Memory()
    cluster.pages["/version"] = {"gitVersion": "v1.34.2"}
    told = rows(cluster)
    assert told["operator"].startswith("none ")
    assert told["definitions"].startswith("unknown customresourcedefinitions.apiextensions.k8s.io ")


def test_versions_are_objects_for_scripts() -> None:
    assert yaml.safe_load(said("version -o yaml", *sound().objects.values()))["batchyard"] == __version__


def test_cluster_that_does_not_answer_is_told_as_everywhere() -> None:
    cluster = sound()
    cluster.refuses = Problem("no answer", Exit.UNREACHABLE)
    assert typed("version", cluster).code == Exit.UNREACHABLE


def test_own_version_is_told_without_a_cluster() -> None:
    cluster = Memory()
    cluster.refuses = Problem("no answer", Exit.UNREACHABLE)
    assert typed("--version", cluster).out == f"batchyard {__version__}\n"
