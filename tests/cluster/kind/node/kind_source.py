"""What kind's own source says about its node image: base files, manifests and the names of images."""

import json
import re
from pathlib import Path

from tests.cluster.commands import run
from tests.cluster.kind.node.programs import MODULES

CONSTANT = re.compile(r'const (\w+) = "([^"]+)"')


class KindSource:
    def __init__(self) -> None:
        download = json.loads(run("go", "-C", MODULES / "kind", "mod", "download", "-json", "sigs.k8s.io/kind"))
        self.directory = Path(download["Dir"])
        self._network = (self.directory / "pkg/build/nodeimage/const_cni.go").read_text()
        self._storage = (self.directory / "pkg/build/nodeimage/const_storage.go").read_text()
        self.constants: dict[str, str] = dict(CONSTANT.findall(self._network + self._storage))

    @property
    def base_files(self) -> Path:
        return self.directory / "images/base/files"

    @property
    def network_image(self) -> str:
        return self.constants["kindnetdImage"]

    @property
    def storage_image(self) -> str:
        return self.constants["storageProvisionerImage"]

    @property
    def storage_helper_image(self) -> str:
        return self.constants["storageHelperImage"]

    @property
    def pause_image(self) -> str:
        config = (self.base_files / "etc/containerd/config.toml").read_text()
        found = re.search(r'sandbox_image = "([^"]+)"', config)
        if found is None:
            raise SystemExit("kind's containerd configuration names no sandbox image")
        return found[1]

    @property
    def network_manifest(self) -> str:
        return self._manifest(self._network, "defaultCNIManifest")

    @property
    def storage_manifest(self) -> str:
        return self._manifest(self._storage, "defaultStorageManifest")

    def _manifest(self, source: str, name: str) -> str:
        """A Go raw string with constants added in, evaluated."""
        text = source.partition(f"const {name} = `")[2]
        for constant, value in self.constants.items():
            text = text.replace(f"` + {constant} + `", value)
        return text.partition("`")[0]
