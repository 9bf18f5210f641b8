"""Which names, labels, annotations, finalizers and owners the API server takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z")
_WORD = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_TEXTS = ("name", "namespace", "uid", "resourceVersion", "generateName")
STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


@lru_cache(maxsize=100_000)
def is_subdomain(text: str) -> bool:
    return len(text) <= 253 and _SUBDOMAIN.match(text) is not None


@lru_cache(maxsize=100_000)
def is_label(text: str) -> bool:
    return _LABEL.match(text) is not None


@lru_cache(maxsize=100_000)
def is_qualified(text: str) -> bool:
    """A word, perhaps with a domain before it."""
    domain, slash, word = text.rpartition("/")
    if slash and not is_subdomain(domain):
        return False
    return len(word) <= 63 and _WORD.match(word) is not None


@lru_cache(maxsize=100_000)
def is_value(text: str) -> bool:
    return text == "" or (len(text) <= 63 and _WORD.match(text) is not None)


def is_readable(meta: Body) -> bool:
    """Whether each part is of its type: if not, the API server does not even begin to judge."""
    for key in _TEXTS:
        if not isinstance(meta.get(key), str | None):
            return False
    for key in ("labels", "annotations"):
        if (texts := meta.get(key)) is not None and not (
            isinstance(texts, dict) and all(isinstance(value, str | None) for value in texts.values())
        ):
            return False
    return _lists(meta.get("finalizers"), str) and _lists(meta.get("ownerReferences"), dict)


def _lists(value: Any, kind: type) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(each, kind) for each in value))


def causes(meta: Body, *, words_are_known: bool) -> list[Cause]:
    """Wherever the metadata comes from; the name is judged only when the object is new."""
    return [*_labels(meta), *_annotations(meta), *_finalizers(meta, words_are_known=words_are_known), *_owners(meta)]


def is_segment(text: str) -> bool:
    """Of a path."""
    return text not in (".", "..") and "/" not in text and "%" not in text


def causes_in_name(meta: Body, is_name: Callable[[str], bool]) -> list[Cause]:
    name = meta.get("name")
    if not name:
        return [Cause("FieldValueRequired", "Required value: name or generateName is required", "metadata.name")]
    return [] if is_name(name) else [_invalid(name, "a lowercase RFC 1123 name is wanted", "name")]


def _labels(meta: Body) -> Iterator[Cause]:
    for key, value in (meta.get("labels") or {}).items():
        if not is_qualified(key):
            yield _invalid(key, "name part must consist of alphanumeric characters, '-', '_' or '.'", "labels")
        if not is_value(value):
            yield _invalid(value, "a valid label must consist of alphanumeric characters, '-', '_' or '.'", "labels")


def _annotations(meta: Body) -> Iterator[Cause]:
    annotations = meta.get("annotations") or {}
    for key in annotations:
        if not is_qualified(key.lower()):
            yield _invalid(key, "name part must consist of alphanumeric characters, '-', '_' or '.'", "annotations")
    if sum(len(key) + len(value) for key, value in annotations.items()) > 256 * 1024:
        yield Cause("FieldValueTooLong", "Too long: may not be more than 262144 bytes", "metadata.annotations")


def _finalizers(meta: Body, *, words_are_known: bool) -> Iterator[Cause]:
    listed = meta.get("finalizers") or ()
    for place, each in enumerate(listed):
        if not is_qualified(each):
            yield _invalid(each, "name part must consist of alphanumeric characters, '-', '_' or '.'", "finalizers")
        if words_are_known and "/" not in each and each not in STANDARD_FINALIZERS:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            yield _invalid(each, why, f"finalizers[{place}]")
    if {"orphan", "foregroundDeletion"} <= set(listed):
        yield _invalid(listed, "finalizer orphan and foregroundDeletion cannot be both set", "finalizers")


def _owners(meta: Body) -> Iterator[Cause]:
    owners = meta.get("ownerReferences") or ()
    for each in owners:
        for key in ("apiVersion", "kind", "name", "uid"):
            if not each.get(key):
                yield _invalid("", "must not be empty", f"ownerReferences.{key}")
    if sum(bool(each.get("controller")) for each in owners) > 1:
        yield _invalid("", "Only one reference can have Controller set to true", "ownerReferences")


def _invalid(value: object, why: str, field: str) -> Cause:
    return Cause("FieldValueInvalid", f'Invalid value: "{value}": {why}', f"metadata.{field}")
