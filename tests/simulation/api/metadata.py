"""What the API server itself keeps in an object's metadata, and what it does not take from anybody."""

from __future__ import annotations

from tests.simulation.api.call import Body
from tests.simulation.api.refusal import Cause

KEPT = ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation")
"""Nobody can change these, and nobody is told so."""
NOT_TAKEN = ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields")
_END = ("deletionTimestamp", "deletionGracePeriodSeconds")


def born(meta: Body, uid: str, stamp: str, *, counted: bool) -> Body:
    """Of a new object."""
    kept = {key: value for key, value in meta.items() if key not in NOT_TAKEN and value not in (None, {}, [])}
    generation = {"generation": 1} if counted else {}
    return {**kept, "uid": uid, "creationTimestamp": stamp, **generation}


def changed(new: Body, old: Body) -> Body:
    """Of an object that somebody else has written to."""
    kept = {key: value for key, value in new.items() if key not in (*NOT_TAKEN, *KEPT) and value not in (None, {}, [])}
    kept.setdefault("uid", old["uid"])
    if "deletionTimestamp" not in old:
        kept |= {key: new[key] for key in _END if new.get(key) is not None}
    return {**kept, **{key: old[key] for key in KEPT if key in old}}


def causes_of_change(new: Body, old: Body) -> list[Cause]:
    found = []
    if new["uid"] != old["uid"]:
        found.append(Cause("FieldValueInvalid", f'Invalid value: "{new["uid"]}": field is immutable', "metadata.uid"))
    for key in _END:
        if new.get(key) != old.get(key):
            why = f"Invalid value: {new.get(key)}: field is immutable"
            found.append(Cause("FieldValueInvalid", why, f"metadata.{key}"))
    added = [each for each in new.get("finalizers") or () if each not in (old.get("finalizers") or ())]
    if added and "deletionTimestamp" in old:
        listed = ", ".join(f'"{each}"' for each in added)
        why = (
            f"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{listed}}}"
        )
        found.append(Cause("FieldValueForbidden", f"Forbidden: {why}", "metadata.finalizers"))
    return found
