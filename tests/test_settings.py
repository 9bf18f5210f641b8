from __future__ import annotations

import pytest

from batchyard.settings import read

LEAST = {"BATCHYARD_NAMESPACE": "batchyard", "BATCHYARD_IMAGE": "batchyard.test/operator:1"}


def test_namespace_and_image_are_enough() -> None:
    settings = read(LEAST)
    assert (settings.rules.namespace, settings.rules.image) == ("batchyard", "batchyard.test/operator:1")
    assert settings.watch_namespaces == ()
    assert settings.lease_name == "batchyard"


@pytest.mark.parametrize("name", LEAST)
def test_what_has_no_default_is_named_when_it_is_missing(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        read({each: value for each, value in LEAST.items() if each != name})


@pytest.mark.parametrize("text", ["-1", "1.5", "ten", " "])
def test_variable_that_is_no_number_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="BATCHYARD_KEEP_PODS_SECONDS"):
        read({**LEAST, "BATCHYARD_KEEP_PODS_SECONDS": text})


def test_empty_number_means_the_default_and_zero_means_zero() -> None:
    assert read({**LEAST, "BATCHYARD_MAX_RECOVERIES": ""}).rules.max_recoveries == 10
    assert read({**LEAST, "BATCHYARD_MAX_RECOVERIES": "0"}).rules.max_recoveries == 0


@pytest.mark.parametrize("text", ["a,b", "a b", " a, b ,", "a\nb"])
def test_namespaces_are_listed_with_commas_or_blanks(text: str) -> None:
    assert read({**LEAST, "BATCHYARD_WATCH_NAMESPACES": text}).watch_namespaces == ("a", "b")


def test_replica_is_named_like_its_pod() -> None:
    assert read({**LEAST, "BATCHYARD_POD_NAME": "batchyard-7d9f-x2x"}).identity == "batchyard-7d9f-x2x"


def test_two_processes_on_one_machine_are_never_the_same_replica() -> None:
    """Both would take the lease for theirs."""
    assert read(LEAST).identity != read(LEAST).identity


def test_log_is_json_unless_text_is_asked_for_and_nothing_else() -> None:
    assert read(LEAST).log_format == "json"
    assert read({**LEAST, "BATCHYARD_LOG_FORMAT": "text"}).log_format == "text"
    with pytest.raises(ValueError, match="json or text"):
        read({**LEAST, "BATCHYARD_LOG_FORMAT": "xml"})
