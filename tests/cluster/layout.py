"""Names, addresses and paths of one cluster, all derived from its number and its state directory. Pure."""

from dataclasses import dataclass
from pathlib import Path

CONTROL_PLANE = "control-plane"
FIRST_NODE_INDEX, LAST_NODE_INDEX = 11, 250
HIGHEST_NUMBER = 99


@dataclass(frozen=True)
class Layout:
    number: int
    state: Path
    programs: Path

    @property
    def name(self) -> str:
        """Of the host's link, the switch's network namespace and the cgroup; the prefix of all other namespaces."""
        return f"batchyard{self.number}"

    def netns(self, member: str) -> str:
        return f"{self.name}-{member}"

    @property
    def node_network(self) -> str:
        return f"10.240.{self.number}.0/24"

    @property
    def pod_network(self) -> str:
        """Every node has one /24 of it; the host routes all of it into the cluster."""
        return f"10.{100 + self.number}.0.0/16"

    service_network = "10.96.0.0/16"
    api_service_address = "10.96.0.1"

    def address(self, index: int) -> str:
        return f"10.240.{self.number}.{index}"

    @property
    def router_address(self) -> str:
        return self.address(1)

    @property
    def api_address(self) -> str:
        return self.address(2)

    @property
    def host_address(self) -> str:
        return self.address(254)

    @property
    def api(self) -> str:
        return f"https://{self.api_address}:6443"

    def pods(self, index: int) -> str:
        """The Pod network of one node."""
        return f"10.{100 + self.number}.{index}.0/24"

    @property
    def pki(self) -> Path:
        return self.state / "pki"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def pids(self) -> Path:
        return self.state / "pids"

    @property
    def nodes(self) -> Path:
        return self.state / "nodes"

    @property
    def audit_log(self) -> Path:
        return self.logs / "audit.log"

    def node(self, name: str) -> Path:
        return self.nodes / name

    def kubeconfig(self, user: str) -> Path:
        return self.state / f"{user}.kubeconfig"


def mac(address: str) -> str:
    """A fixed hardware address: after a reboot the neighbours would else keep sending to the old one for half a minute."""
    return "02:00:" + ":".join(f"{int(part):02x}" for part in address.split("."))
