"""Tables as kubectl prints them, and the other forms of -o. Columns are functions of an object; headers have no spaces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from batchyard.cli.show.objects import Object, at, reference
from batchyard.cli.show.times import Moment, between

Value = Callable[[Object, Moment], Any]


@dataclass(frozen=True, slots=True)
class Column:
    header: str
    value: Value
    wide: bool = False


def field(header: str, path: str, *, wide: bool = False) -> Column:
    return Column(header, lambda each, _now: at(each, path), wide=wide)


NAMESPACE = field("NAMESPACE", "metadata.namespace")
AGE = Column("AGE", lambda each, now: between(at(each, "metadata.creationTimestamp"), "", now))


class Growing:
    """A table of which more rows may follow: they keep to the columns of those before."""

    def __init__(self, columns: Sequence[Column], *, wide: bool = False) -> None:
        self._columns = [column for column in columns if wide or not column.wide]
        self._widths: list[int] = []

    def text(self, objects: Iterable[Object], now: Moment) -> str:
        rows = [[_cell(column.value(each, now)) for column in self._columns] for each in objects]
        if not self._widths:
            rows.insert(0, [column.header for column in self._columns])
        self._widths = _widths(rows, self._widths)
        return lines(rows, self._widths)


def table(columns: Sequence[Column], objects: Iterable[Object], now: Moment, *, wide: bool = False) -> str:
    return Growing(columns, wide=wide).text(objects, now)


def _widths(rows: Sequence[Sequence[str]], least: Sequence[int] = ()) -> list[int]:
    found = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    return [max(pair) for pair in zip(found, least, strict=True)] if least else found


def lines(rows: Sequence[Sequence[str]], widths: Sequence[int] = ()) -> str:
    """Columns as wide as their widest cell, the last one as it is."""
    widths = widths or _widths(rows)
    padded = ("   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in padded)


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "-" if value in ("", None) else str(value)


def document(objects: Sequence[Object], output: str, *, single: bool = False) -> str:
    """The objects as they are: a list of them, or the only one."""
    if output == "name":
        return "\n".join(reference(each) for each in objects)
    whole = objects[0] if single else {"apiVersion": "v1", "kind": "List", "items": list(objects)}
    return written(whole, output)


def written(whole: object, output: str) -> str:
    """As JSON or YAML."""
    if output == "json":
        return json.dumps(whole, indent=2)
    import yaml  # noqa: PLC0415 - most outputs need none

    return str(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)).rstrip()
