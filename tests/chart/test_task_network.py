"""What commands of users may reach over the network, judged as a network plugin judges the chart's NetworkPolicy."""

from ipaddress import ip_address, ip_network

import pytest

from batchyard.api import names
from batchyard.core.pods.parts import labels
from tests.chart.helm import Document, of_kind, refusal, rendered

pytestmark = pytest.mark.cluster
USERS = (names.COMPONENT_POOL_NODE, names.COMPONENT_PREPARATION, names.COMPONENT_TASK, names.COMPONENT_RELEASE)
"""Kinds of Pods that run what users wrote."""
METADATA = ("169.254.169.254", "169.254.170.2", "169.254.170.23", "168.63.129.16", "100.100.100.200", "fd00:ec2::254")
ANY: Document = {"namespaceSelector": {}}


def policies(*values: str) -> list[Document]:
    return of_kind(rendered("taskNetworkPolicy.namespaces={team,other}", *values), "NetworkPolicy")


def reaches(policy: Document, address: str) -> bool:
    """Whether a rule about addresses lets it through."""
    peers = [peer for rule in policy["spec"]["egress"] for peer in rule["to"]]
    blocks = [peer["ipBlock"] for peer in peers if peer != ANY]
    return any(
        _in(address, each["cidr"]) and not any(_in(address, out) for out in each.get("except", ())) for each in blocks
    )


def _in(address: str, network: str) -> bool:
    here, there = ip_address(address), ip_network(network)
    return here.version == there.version and here in there


def test_there_is_none_unless_a_namespace_is_named() -> None:
    assert of_kind(rendered(), "NetworkPolicy") == []
    assert [policy["metadata"]["namespace"] for policy in policies()] == ["team", "other"]


@pytest.mark.parametrize("address", METADATA)
def test_a_hostile_task_does_not_reach_what_clouds_tell_about_the_machine(address: str) -> None:
    assert not any(reaches(policy, address) for policy in policies())


@pytest.mark.parametrize("address", ["1.1.1.1", "10.0.0.10", "169.254.20.10", "2001:db8::1", "fd00::1"])
def test_everything_else_is_reached_pods_and_name_servers_included(address: str) -> None:
    assert all(reaches(policy, address) for policy in policies())
    assert all(ANY in policy["spec"]["egress"][0]["to"] for policy in policies())


@pytest.mark.parametrize("component", USERS)
def test_every_pod_that_runs_commands_of_users_is_held_to_it(component: str) -> None:
    for policy in policies():
        assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels(component).items()
        assert policy["spec"]["policyTypes"] == ["Egress"]


def test_more_can_be_blocked() -> None:
    [policy, _] = policies("taskNetworkPolicy.blocked={10.96.0.1/32}")
    assert not reaches(policy, "10.96.0.1")
    assert reaches(policy, "169.254.169.254")
    assert reaches(policy, "2001:db8::1")


@pytest.mark.parametrize("value", ["blocked={metadata}", "blocked={1.2.3.4}", "blocked={}", "namespaces={Team}"])
def test_what_is_no_network_is_refused(value: str) -> None:
    assert value.partition("=")[0] in refusal(f"taskNetworkPolicy.{value}")
