#!/bin/bash
# The first process of a node, in namespaces of its own: mounts the node's disk and runs its daemons as an init system would.
# NODE is the node's directory, NAME its name, ADDRESS its address, KUBECONFIG its kubelet's, IMAGES the archive of its first images.
set -eu

hostname "$NAME"
mount -t tmpfs run /run                                  # emptied by a power loss
for dir in var/lib/batchyard var/lib/containerd var/lib/kubelet var/lib/cni var/log/pods var/log/containers; do
    mkdir -p "/$dir"
    mount --bind "$NODE/disk/$dir" "/$dir"               # kept
done
mkdir -p /run/batchyard /run/daemons /run/netns
mount --make-rshared /                                   # mount propagation between Pods and the node
mount --bind "$NODE/boot_id" /proc/sys/kernel/random/boot_id
echo 1 > /proc/sys/net/ipv4/ip_forward

serve() {   # NAME ARGV...: keep a daemon running unless $NODE/stopped/NAME says it was stopped
    daemon=$1
    shift
    while :; do
        if [ ! -e "$NODE/stopped/$daemon" ]; then
            "$@" >> "$LOGS/$NAME-$daemon.log" 2>&1 &
            echo $! > "/run/daemons/$daemon"
            wait $! || :
            rm -f "/run/daemons/$daemon"
        fi
        sleep 0.2
    done
}

serve containerd containerd --config "$NODE/containerd.toml" &
until [ -S /run/containerd/containerd.sock ] && ctr -n k8s.io images import "$IMAGES"; do sleep 0.1; done
serve kubelet kubelet --config "$NODE/kubelet.json" --kubeconfig "$KUBECONFIG" --hostname-override "$NAME" \
    --node-ip "$ADDRESS" --node-labels batch=true --v=1 &
serve proxy kube-proxy --config "$NODE/proxy.json" &
wait
