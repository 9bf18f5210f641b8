"""Whom a command runs as (Azure: user identity): the pool's own user, one with ids of its own, or root in the container."""

from __future__ import annotations

from batchyard.api.command import UserIdentity
from batchyard.api.pool import LinuxUserConfiguration, Pool, UserAccount
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


def own_ids(user: UserIdentity, pool: Pool) -> LinuxUserConfiguration | None:
    """Those of the account that the command names, if it has any."""
    named = account(user, pool)
    return named.linux_user_configuration if named is not None else None
