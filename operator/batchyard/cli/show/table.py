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


AGE = Column("AGE", lambda each, now: between(at(each, "metadata.creationTimestamp"), "", now))


def table(columns: Sequence[Column], objects: Iterable[Object], now: Moment, *, wide: bool = False) -> str:
    shown = [column for column in columns if wide or not column.wide]
    rows = [[_cell(column.value(each, now)) for column in shown] for each in objects]
    return lines([[column.header for column in shown], *rows])


def lines(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell, the last one as it is."""
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
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
    if output == "json":
        return json.dumps(whole, indent=2)
    import yaml  # noqa: PLC0415 - most outputs need none

    return str(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True)).rstrip()
