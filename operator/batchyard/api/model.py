"""What every model of the API shares: its reading rules, and the schema rules the API server enforces. No kinds here."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

SchemaExtra = dict[str, Any]


class Model(BaseModel):
    """Frozen; camelCase on the wire. Unknown fields are ignored so that an older operator reads a newer object."""

    # Errors end up in logs and conditions, and values may be secrets (commands, variables): only the field is named there.
    model_config = ConfigDict(
        frozen=True,
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    def to_wire(self) -> dict[str, Any]:
        """As JSON for the API server; what is unset is left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


def clipped(length: int) -> Any:
    """Marks text of our own making: cut to fit, never a reason to fail."""
    return BeforeValidator(lambda text: text[:length] if isinstance(text, str) else text)


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def _plain(uid: str) -> str:
    """It becomes part of paths on nodes."""
    if not _NAME.fullmatch(uid):
        raise ValueError("a UID is a plain name")
    return uid


Message = Annotated[str, clipped(4096), Field(max_length=4096)]
Identifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
QualifiedIdentifier = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_:-]+$")]
ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")]
LabelName = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
UID = Annotated[str, Field(max_length=64)]
PlainUID = Annotated[UID, AfterValidator(_plain)]
LARGEST = 2**31 - 1
Count = Annotated[int, Field(ge=0, le=LARGEST)]
RetryCount = Annotated[int, Field(ge=-1, le=LARGEST)]


def rule(expression: str, message: str, at: str = "") -> SchemaExtra:
    """One CEL rule; `at` names the field below `self` that the message is about."""
    return {"rule": expression, "message": message} | ({"fieldPath": at} if at else {})


def rules(*each: SchemaExtra) -> SchemaExtra:
    return {"x-kubernetes-validations": list(each)}


def immutable(field: str, instead: str) -> SchemaExtra:
    unchanged = f"has(self.{field}) == has(oldSelf.{field}) && (!has(self.{field}) || self.{field} == oldSelf.{field})"
    return rule(unchanged, f"{field} cannot be changed: {instead}", f".{field}")


def keyed_by(*keys: str) -> SchemaExtra:
    """A list whose items are told apart by these members, so that server-side apply and diffs work per item."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}
