"""Whom a command runs as (Azure: user identity): the pool's own user, or root in the container; named accounts stand for one of them."""

from __future__ import annotations

from batchyard.api.command import UserIdentity
from batchyard.api.pool import Pool, UserAccount
from batchyard.api.states import ElevationLevel


def account(user: UserIdentity, pool: Pool) -> UserAccount | None:
    """The account of the pool that the command names; None if it names none, or one that is not there."""
    return next((each for each in pool.spec.user_accounts if each.name == user.user_name), None)


def wants_admin(user: UserIdentity, pool: Pool) -> bool:
    named = account(user, pool)
    return named.elevation_level is ElevationLevel.ADMIN if named is not None else user.is_admin


def may_be_admin(pool: Pool) -> bool:
    return pool.spec.max_elevation_level == "admin"


def is_admin(user: UserIdentity, pool: Pool) -> bool:
    """Never more than the pool allows, whoever asks."""
    return wants_admin(user, pool) and may_be_admin(pool)
