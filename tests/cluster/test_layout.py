"""Names and addresses of clusters never meet those of another."""

import ipaddress
from itertools import combinations
from pathlib import Path

from tests.cluster.layout import FIRST_NODE_INDEX, HIGHEST_NUMBER, LAST_NODE_INDEX, Layout, mac

CLUSTERS = [Layout(number, Path("/state"), Path("/programs")) for number in range(HIGHEST_NUMBER + 1)]


def networks(layout: Layout) -> list[ipaddress.IPv4Network]:
    return [ipaddress.IPv4Network(text) for text in (layout.node_network, layout.pod_network)]


def test_networks_of_two_clusters_never_overlap() -> None:
    service = ipaddress.IPv4Network(CLUSTERS[0].service_network)
    for one, other in combinations(CLUSTERS, 2):
        assert not any(mine.overlaps(theirs) for mine in networks(one) for theirs in networks(other))
    for layout in CLUSTERS:
        assert not any(network.overlaps(service) for network in networks(layout))


def test_every_member_has_an_address_of_its_own() -> None:
    layout = CLUSTERS[7]
    members = [layout.router_address, layout.api_address, layout.host_address]
    members += [layout.address(index) for index in range(FIRST_NODE_INDEX, LAST_NODE_INDEX)]
    assert len(set(members)) == len(members)
    assert all(ipaddress.IPv4Address(member) in networks(layout)[0] for member in members)
    assert len({mac(member) for member in members}) == len(members)


def test_pods_of_a_node_are_in_the_pod_network() -> None:
    layout = CLUSTERS[HIGHEST_NUMBER]
    pods = ipaddress.IPv4Network(layout.pods(LAST_NODE_INDEX))
    assert pods.subnet_of(ipaddress.IPv4Network(layout.pod_network))


def test_link_names_fit_the_kernels_limit() -> None:
    assert max(len(layout.name) for layout in CLUSTERS) <= 15
