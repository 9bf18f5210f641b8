"""The command line of the kind cluster: `python -m tests.cluster.kind up`, from the checkout's top."""

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from tests.cluster.commands import CommandError
from tests.cluster.kind import demo
from tests.cluster.kind.cluster import Cluster, only_user


def main() -> None:
    options = parser().parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that what was begun is also ended
    try:
        run(options)
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)  # the program itself has said why
    except (CommandError, TimeoutError) as failed:
        sys.exit(str(failed))


def run(options: argparse.Namespace) -> None:
    cluster = Cluster()
    match options.verb:
        case "kubectl":
            cluster.kubectl(*options.arguments)
        case "load":
            cluster.load(options.archive)
        case "up":
            with only_user():
                up(cluster)
        case "down":
            with only_user():
                cluster.down()
        case _:
            with only_user():
                demo.run(cluster)


def up(cluster: Cluster) -> None:
    if not cluster.running:
        cluster.up()
    print("the cluster is up: python -m tests.cluster.kind kubectl get nodes")


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.cluster.kind", description="A kind cluster on Docker, or on a private Podman."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="create the cluster of kind-config.yaml")
    verbs.add_parser("down", help="end it and remove all its traces")
    verbs.add_parser("demo", help="create it, install the operator, run the example, end it")
    verbs.add_parser("load", help="give the images of an archive to all nodes").add_argument("archive", type=Path)
    verbs.add_parser("kubectl", help="run kubectl with it").add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


if __name__ == "__main__":
    main()
