"""Looks at all that `batchyard doctor` judges, with the caller's own rights: what may not be read is unknown, not a failure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from batchyard import __version__
from batchyard.api.names import API_VERSION, SELECTOR_OURS
from batchyard.cli.access.cluster import Account, Object
from batchyard.cli.outcome import Exit, NotLoggedIn, NotThere, Problem
from batchyard.cli.session import Session
from batchyard.cli.show import checks_of_installation as installation
from batchyard.cli.show import checks_of_namespace as namespace
from batchyard.cli.show.checkup import Check, Mark
from batchyard.cli.show.objects import at
from batchyard.cli.show.times import moment
from batchyard.kube.kinds import (
    BATCH_JOB,
    BATCH_JOB_NODE,
    BATCH_NODE,
    BATCH_POOL,
    CRD,
    DEPLOYMENT,
    LEASE,
    NAMESPACE,
    OURS,
    POD,
    POLICY,
    POLICY_BINDING,
    Kind,
    Scope,
)

RENEWAL_SECONDS = 5
"""In which one who holds the lease renews it."""
RIGHTS = {
    "get pods/log": ("get", "", "pods", "log"),
    "get pods/exec": ("get", "", "pods", "exec"),
    "create pods/exec": ("create", "", "pods", "exec"),
    "create batchjobs": ("create", "batchyard.io", "batchjobs", ""),
    "create pods": ("create", "", "pods", ""),
    "use batchpools": ("use", "batchyard.io", "batchpools", ""),
}

MADE = {"create daemonsets": ("create", "apps", "daemonsets"), "create pods": ("create", "", "pods")}
"""What an operator needs in each namespace that has pools and jobs."""


def checks(session: Session) -> list[Check]:
    """All of them, or the first alone if the cluster tells us nothing."""
    try:
        first = installation.api_server(session.cluster.read("/version"))
    except Problem as problem:
        mark = _mark(problem)
        first = Check("api-server", mark, problem.message, problem.hint)
        if mark is Mark.FAIL:
            return [first]
    found = [first, *_installation(session)]
    return [*found, *_namespace(session, _works(found))]


def _works(found: list[Check]) -> bool | None:
    """Whether an operator does here: one is ready, the lease is held, the namespace is served."""
    told = {each.mark for each in found if each.name in ("operator", "lease", "watched")}
    if Mark.FAIL in told:
        return False
    return None if Mark.UNKNOWN in told else True


def _installation(session: Session) -> Iterator[Check]:
    yield _asked("kinds", lambda: installation.kinds(_served(session)))
    yield _asked("definitions", lambda: installation.definitions(_definitions(session), __version__))
    try:
        deployments = session.cluster.list(Scope(DEPLOYMENT, label_selector=installation.LABELLED))
    except Problem as problem:
        yield from (_unknown(name, problem) for name in ("operator", "lease"))
    else:
        yield from _operators(session, deployments)
    yield _asked("policies", lambda: _policies(session))


def _operators(session: Session, deployments: list[Object]) -> Iterator[Check]:
    if not deployments:
        yield Check("operator", Mark.FAIL, f"no Deployment has the label {installation.LABELLED}", installation.INSTALL)
        return
    for each in deployments:
        yield installation.operator(each, __version__)
        yield _asked("lease", partial(_lease, session, each))
        yield _asked("pod-security", partial(_pod_security, session, at(each, "metadata.namespace")))
    yield installation.watched(deployments, session.namespace)
    for each in deployments:
        if installation.serves(each, session.namespace):
            yield _asked("run-pods", partial(_runs_pods, session, each))


def _namespace(session: Session, works: bool | None) -> Iterator[Check]:
    here, listed = session.namespace, session.cluster.list
    yield _asked("run-jobs", lambda: _may(session, "run-jobs", "create batchjobs", "create pods", or_="use batchpools"))
    yield _asked("read-logs", lambda: _may(session, "read-logs", "get pods/log", role="view"))
    yield _asked("read-files", lambda: _may(session, "read-files", "get pods/exec", "create pods/exec"))
    yield _asked("pod-security", lambda: _pod_security(session, here))
    yield _asked("pools", lambda: namespace.pools(listed(Scope(BATCH_POOL, here))))
    yield _asked("nodes", lambda: namespace.nodes(listed(Scope(BATCH_NODE, here))))
    yield _asked("objects", lambda: namespace.unreadable(_all(session, BATCH_POOL, BATCH_NODE, BATCH_JOB)))
    yield _asked("finalizers", lambda: namespace.finalizers(_held(session), operator=works, now=session.now()))


def _asked(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Problem as problem:
        return _unknown(name, problem)


def _unknown(name: str, problem: Problem) -> Check:
    mark = _mark(problem)
    step = "ask somebody who may read that" if mark is Mark.UNKNOWN else problem.hint
    return Check(name, mark, problem.message, step)


def _mark(problem: Problem) -> Mark:
    refused = problem.exit_code is Exit.FORBIDDEN and not isinstance(problem, NotLoggedIn)
    return Mark.UNKNOWN if refused else Mark.FAIL


def _served(session: Session) -> list[str]:
    try:
        return [each["name"] for each in session.cluster.read(f"/apis/{API_VERSION}")["resources"]]
    except NotThere:
        return []


def _definitions(session: Session) -> list[Object]:
    return [session.cluster.get(CRD, "", f"{kind.plural}.{kind.group}") for kind in OURS]


def _runs_pods(session: Session, deployment: Object) -> Check:
    account = Account(at(deployment, "metadata.namespace"), installation.account(deployment))
    lacking = [each for each in MADE if not session.cluster.may_account(session.namespace, account, *MADE[each])]
    return installation.runs_pods(deployment, session.namespace, lacking)


def _lease(session: Session, deployment: Object) -> Check:
    def look() -> Object | None:
        try:
            return session.cluster.get(LEASE, at(deployment, "metadata.namespace"), installation.lease_name(deployment))
        except NotThere:
            return None

    found = look()
    if fresh := _is_fresh(session, found):
        return installation.lease(found, deployment, renewed=fresh, now=session.now())
    session.pause(RENEWAL_SECONDS)
    later = look()
    renewed = later != found or _is_fresh(session, later)
    return installation.lease(later, deployment, renewed=renewed, now=session.now())


def _is_fresh(session: Session, lease: Object | None) -> bool:
    renewed = moment(at(lease, "spec.renewTime"))
    return renewed is not None and abs((session.now() - renewed).total_seconds()) < RENEWAL_SECONDS


def _policies(session: Session) -> Check:
    found = (
        session.cluster.list(Scope(kind, label_selector=installation.LABELLED)) for kind in (POLICY, POLICY_BINDING)
    )
    return installation.policies(*found)


def _may(session: Session, what: str, *rights: str, or_: str = "", role: str = "edit") -> Check:
    """With `or_` that right stands for the last of the others."""
    lacking = [each for each in rights if not _is_permitted(session, each)]
    if or_ and rights[-1] in lacking and _is_permitted(session, or_):
        lacking.remove(rights[-1])
    return namespace.may(what, session.namespace, lacking, role)


def _is_permitted(session: Session, right: str) -> bool:
    return session.cluster.may(session.namespace, *RIGHTS[right])


def _pod_security(session: Session, of: str) -> Check:
    return namespace.pod_security(session.cluster.get(NAMESPACE, "", of))


def _held(session: Session) -> list[Object]:
    """What may have our finalizer."""
    pods = Scope(POD, session.namespace, label_selector=SELECTOR_OURS)
    return _all(session, BATCH_POOL, BATCH_NODE, BATCH_JOB, BATCH_JOB_NODE) + session.cluster.list(pods)


def _all(session: Session, *kinds: Kind) -> list[Object]:
    return [each for kind in kinds for each in session.cluster.list(Scope(kind, session.namespace))]
