"""The configuration files of a node's containerd, network plugin, kubelet and proxy. Pure: values to values."""

from typing import Any

from tests.cluster.base_images import PAUSE
from tests.cluster.layout import Layout

Json = dict[str, Any]

CONTAINERD = """\
version = 3
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "{pause}"
[plugins."io.containerd.cri.v1.runtime"]
  restrict_oom_score_adj = true  # scores below 0 may be forbidden
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "{cni}"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
"""


def containerd(layout: Layout, name: str) -> str:
    return CONTAINERD.format(pause=PAUSE, cni=layout.node(name) / "cni")


def pod_network(layout: Layout, index: int) -> Json:
    addresses = {
        "type": "host-local",
        "dataDir": "/run/cni",  # a reboot frees the addresses
        "ranges": [[{"subnet": layout.pods(index)}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True, "ipam": addresses}
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return {"cniVersion": "1.0.0", "name": "pods", "plugins": [bridge, ports]}


def kubelet(layout: Layout, name: str) -> Json:
    user = f"kubelet-{name}"
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{layout.pki}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{layout.pki}/{user}.crt",
        "tlsPrivateKeyFile": f"{layout.pki}/{user}.key",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{layout.name}/{name}",
        "enforceNodeAllocatable": [],
        "failCgroupV1": False,
        "failSwapOn": False,
        "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
        "resolvConf": "",
        "clusterDomain": "cluster.local",
        "maxPods": 110,
        "crashLoopBackOff": {"maxContainerRestartPeriod": "5s"},  # after three kills it would be 80 s
        "imageGCHighThresholdPercent": 100,  # images cannot be pulled again
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "nodeStatusUpdateFrequency": "4s",
        "nodeLeaseDurationSeconds": 20,
        "serializeImagePulls": False,
        "registryPullQPS": 0,
        "eventRecordQPS": 0,
    }


def proxy(layout: Layout, name: str) -> Json:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clusterCIDR": layout.pod_network,
        "clientConnection": {"kubeconfig": str(layout.kubeconfig("proxy"))},
        "conntrack": {"maxPerCore": 0, "min": 0},  # the machine's limits stay as they are
        "hostnameOverride": name,
        "healthzBindAddress": "127.0.0.1:10256",
        "metricsBindAddress": "127.0.0.1:10249",
    }
