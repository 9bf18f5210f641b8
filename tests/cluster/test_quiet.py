"""L1: where there is nothing to do, the operator writes nothing."""

import os
import time

from tests.cluster import audit
from tests.cluster.batch import Batch
from tests.cluster.installation import NAMESPACE, RELEASE
from tests.cluster.under_fault import begin, succeed_and_end

QUIET_SECONDS = float(os.environ.get("QUIET_SECONDS", "60"))
LAST_DUTY_SECONDS = 400.0
"""The Pods of tasks that have ended are kept for five minutes; their removal is due then."""


def test_operator_writes_nothing_while_there_is_nothing_to_do(batch: Batch) -> None:
    """A job that has gone, one that has ended and one that waits for tasks. `QUIET_SECONDS=600` for ten minutes."""
    since = batch.cluster.audit_position()
    batch.pool()
    begin(batch, "gone")
    succeed_and_end(batch, "gone")
    for job in ("ended", "waits"):
        begin(batch, job, tasks=["one"])
        batch.completed("one", job=job)
    batch.terminate("ended")
    batch.job_state("completed", "ended")

    def quiet() -> bool:
        return time.time() - last_write(batch, since) > QUIET_SECONDS

    batch.wait(f"{QUIET_SECONDS:.0f} s without a write", quiet, LAST_DUTY_SECONDS + QUIET_SECONDS)


def last_write(batch: Batch, since: int) -> float:
    """Of the operator, wherever: wipes and events in its own namespace count, and what is left of tests before. Only its lease does not."""
    user = f"system:serviceaccount:{NAMESPACE}:{RELEASE}"
    answers = audit.answers(batch.cluster.layout.audit_log, since, f'"{user}"')
    return max(
        a.at for a in answers if a.request.is_write and a.request.user == user and a.request.resource != "leases"
    )
