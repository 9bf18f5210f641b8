"""The CRDs on a real API server, and what it says to a manifest."""

from batchyard.api.crd import DIRECTORY, KINDS
from batchyard.api.names import GROUP
from tests.api.manifests import Manifest, as_text
from tests.cluster.cluster import Cluster
from tests.cluster.commands import CommandError
from tests.cluster.installation import NAMESPACE, RELEASE

CRDS = [f"crd/{kind.plural}.{GROUP}" for kind in KINDS]


def install(cluster: Cluster) -> None:
    """As the chart's own, which takes them over when it comes, and to stay: an API server asked to delete new ones now and then forgets to for minutes."""
    if cluster.get("crd", f"batchjobs.{GROUP}"):
        return
    cluster.apply(DIRECTORY)
    cluster.kubectl("label", *CRDS, "app.kubernetes.io/managed-by=Helm")
    release = (f"meta.helm.sh/release-name={RELEASE}", f"meta.helm.sh/release-namespace={NAMESPACE}")
    cluster.kubectl("annotate", *CRDS, *release)
    cluster.kubectl("wait", "--for=condition=Established", "--timeout=30s", *CRDS)


def refusal(cluster: Cluster, document: Manifest) -> str:
    """Why the API server does not take a new object; empty if it does. Nothing is stored."""
    return _complaint(cluster, "create", "--dry-run=server", "-f", "-", stdin=as_text(document))


def refusal_of_change(cluster: Cluster, document: Manifest, change: Manifest) -> str:
    """The same for a change of an object that is stored."""
    kind, name = document["kind"].lower(), document["metadata"]["name"]
    patch = as_text({"spec": change})
    return _complaint(cluster, "patch", kind, name, "--type=merge", "--dry-run=server", "-p", patch)


def explanation(cluster: Cluster, field: str) -> str:
    """What `kubectl explain` says on one line; empty until the API server has published the kind."""
    try:
        return " ".join(cluster.kubectl("explain", field).split())
    except CommandError:
        return ""


def _complaint(cluster: Cluster, *argv: str, stdin: str | None = None) -> str:
    try:
        cluster.kubectl(*argv, stdin=stdin)
    except CommandError as error:
        return str(error)
    return ""
