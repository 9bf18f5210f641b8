"""The command line of the namespaces cluster: `python -m tests.cluster up`, from the checkout's top."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

from tests.cluster import nodes
from tests.cluster.cluster import Cluster

STATE = Path(os.environ.get("CLUSTER_STATE") or Path(__file__).parents[2] / ".state").absolute()


VERBS = {
    "add-node": "make and boot a new node",
    "remove-node": "a node's machine and its Node object go for good",
    "crash": "power a node off without a warning; its disk stays",
    "boot": "power a node on again",
    "cut": "cut a node, or control-plane, off the network",
    "heal": "plug it in again",
    "stop": "kill and keep down etcd, apiserver, controller-manager, scheduler, NODE/kubelet, NODE/containerd or NODE/proxy",
    "start": "start it again",
    "load": "import an image archive into every node",
}


def main() -> None:
    options = parser().parse_args()
    if options.verb == "up":
        up(options.nodes)
    elif options.verb == "build":
        Cluster.build()
    elif options.verb == "down":
        Cluster.down(STATE)
    elif options.verb == "shell":
        shell(options.node, options.command)
    else:
        verb: Callable[[str], None] = getattr(Cluster.at(STATE), options.verb.replace("-", "_"))
        verb(options.target)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster", description="A real Kubernetes cluster on this machine."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="start a new cluster").add_argument("--nodes", type=int, default=2)
    verbs.add_parser("build", help="only build the programs and images that `up` needs")
    verbs.add_parser("down", help="end it and remove all its traces")
    for verb, text in VERBS.items():
        verbs.add_parser(verb, help=text).add_argument("target")
    in_node = verbs.add_parser("shell", help="run a command, or a shell, inside a node")
    in_node.add_argument("node")
    in_node.add_argument("command", nargs=argparse.REMAINDER)
    return parser


def up(node_count: int) -> None:
    number = os.environ.get("CLUSTER_NUMBER")
    cluster = Cluster.up(STATE, node_count, int(number) if number else None)
    print(f"export KUBECONFIG={cluster.kubeconfig}")
    print(f"export PATH={cluster.layout.programs}:$PATH")


def shell(node: str, command: list[str]) -> None:
    os.execvp("nsenter", [*nodes.inside(Cluster.at(STATE).layout, node), *(command or ["bash"])])


if __name__ == "__main__":
    main()
