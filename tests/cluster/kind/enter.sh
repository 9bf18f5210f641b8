#!/bin/sh
# The first process of private mount, network and PID namespaces: changes into the engine's own root file system, where
# nothing of this machine is to be seen but its kernel, and holds the namespaces until it is killed.
# usage: enter.sh ROOT STATE IMAGES
set -eu
root=$1 state=$2 images=$3

mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"
mount --rbind /sys sys
mount --rbind /dev dev
mount -t proc proc proc
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
if [ -d /lib/modules ]; then mount --rbind /lib/modules usr/lib/modules; fi
mount --bind "$state" mnt/state
mount --bind "$state/containers" var/lib/containers
mount --bind "$images" mnt/images
mount -o remount,bind,ro .
pivot_root . mnt/machine
umount -l /mnt/machine

ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
touch /mnt/state/entered
while :; do sleep 3600 & wait $!; done
