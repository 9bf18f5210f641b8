"""The operator's settings, read from its environment once and passed down. The chart sets them all."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from batchyard.core.snapshot import Rules
from batchyard.logs import FORMATS, Format


@dataclass(frozen=True, slots=True)
class Settings:
    rules: Rules
    identity: str
    """Name under which this replica holds the lease, of which there must be no second: that of its Pod.

    Out of a cluster it is made up anew for each process, for two of them may run on one machine: who ends without
    releasing the lease waits until it has expired.
    """
    lease_name: str
    watch_namespaces: tuple[str, ...]
    """Empty for all."""
    log_level: str
    log_format: Format
    metrics_port: int
    metrics_max_pools: int
    """So many pools have series of their own."""
    health_port: int


def read(env: Mapping[str, str]) -> Settings:
    """Raises KeyError or ValueError naming the variable that is missing or no number."""
    return Settings(
        rules=Rules(
            namespace=env["BATCHYARD_NAMESPACE"],
            image=env["BATCHYARD_IMAGE"],
            image_pull_policy=env.get("BATCHYARD_IMAGE_PULL_POLICY", "IfNotPresent"),
            image_pull_secrets=_names(env, "BATCHYARD_IMAGE_PULL_SECRETS"),
            max_recoveries=_number(env, "BATCHYARD_MAX_RECOVERIES", 10),
            image_pull_deadline=_number(env, "BATCHYARD_IMAGE_PULL_DEADLINE", 300),
            keep_pods_seconds=_number(env, "BATCHYARD_KEEP_PODS_SECONDS", 300),
            keep_pods_per_pool=_number(env, "BATCHYARD_KEEP_PODS_PER_POOL", 500),
            wipe_priority_class=env.get("BATCHYARD_WIPE_PRIORITY_CLASS", "system-node-critical"),
        ),
        identity=env.get("BATCHYARD_POD_NAME") or f"{socket.gethostname()}_{uuid.uuid4()}",
        lease_name=env.get("BATCHYARD_LEASE_NAME", "batchyard"),
        watch_namespaces=_names(env, "BATCHYARD_WATCH_NAMESPACES"),
        log_level=env.get("BATCHYARD_LOG_LEVEL", "INFO").upper(),
        log_format=_format(env.get("BATCHYARD_LOG_FORMAT") or "json"),
        metrics_port=_number(env, "BATCHYARD_METRICS_PORT", 8080),
        metrics_max_pools=_number(env, "BATCHYARD_METRICS_MAX_POOLS", 500),
        health_port=_number(env, "BATCHYARD_HEALTH_PORT", 8081),
    )


def _format(text: str) -> Format:
    for known in FORMATS:
        if text == known:
            return known
    raise ValueError(f"BATCHYARD_LOG_FORMAT={text!r}: write {' or '.join(FORMATS)}")


def _names(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(env.get(name, "").replace(",", " ").split())


def _number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdecimal():
        raise ValueError(f"{name}={text!r}: write a whole number, 0 or more")
    return int(text)
