"""The bill of materials names everything that the lock pins, with every hash, and nothing else."""

import re

from tests.chart import sbom

LOCK = (sbom.ROOT / "requirements.lock").read_text()
PARTS = {part["bom-ref"]: part for part in sbom.bill()["components"]}


def test_every_pinned_dependency_is_in_it_with_its_version() -> None:
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK, re.MULTILINE)
    assert len(pins) > 20
    assert {ref for ref in PARTS if ref.startswith("pkg:pypi/")} == {
        f"pkg:pypi/{name}@{version}" for name, version in pins
    }


def test_every_file_that_may_be_installed_is_known_by_its_hash() -> None:
    hashes = [each["hashes"][0]["content"] for part in PARTS.values() for each in part.get("externalReferences", ())]
    assert sorted(hashes) == sorted(re.findall(r"sha256:([0-9a-f]{64})", LOCK))


def test_what_the_dockerfile_brings_besides_is_in_it() -> None:
    dockerfile = (sbom.ROOT / "Dockerfile").read_text()
    names = {part["name"] for ref, part in PARTS.items() if not ref.startswith("pkg:pypi/")}
    installed = re.findall(r"apt-get install (?:--\S+ )*([\w -]+?);", dockerfile)
    assert [words.split() for words in installed] == [
        ["binutils", "busybox-static"]
    ]  # the first stays with the builder
    assert names == {"python", "busybox-static"}


def test_all_of_it_belongs_to_the_operator_and_is_the_same_each_time() -> None:
    bill = sbom.bill()
    assert bill == sbom.bill()
    assert bill["dependencies"] == [{"ref": bill["metadata"]["component"]["bom-ref"], "dependsOn": [*PARTS]}]
    assert len(PARTS) == len(bill["components"])
