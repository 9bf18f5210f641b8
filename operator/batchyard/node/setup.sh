#!/bin/sh
# Makes a pool's directories on this machine and puts the tools that every user container needs below them.
# Runs as root from the operator's image, before anything else of the pool; may run any number of times.
set -eu
umask 022

here=${0%/*}
busybox=${here%/*}/bin/busybox
root=${AZ_BATCH_NODE_ROOT_DIR:-/mnt/batch/tasks}
boot=${BATCHYARD_BOOT_DIR:-/mnt/batch/boot}
own=$root/.batchyard

# directory OWNER MODE PATH...: makes them so; a link in such a place was planted and goes.
directory() {
    owner=$1 mode=$2
    shift 2
    for path; do
        [ ! -L "$path" ] || "$busybox" rm -f "$path"
    done
    "$busybox" mkdir -p "$@"
    "$busybox" chown "$owner" "$@"
    "$busybox" chmod "$mode" "$@"
}

# install SOURCE NAME: replaced in one step and only when different, because running containers execute it.
install() {
    target=$own/bin/$2
    "$busybox" cmp -s "$1" "$target" && return
    "$busybox" cp "$1" "$target.new"
    "$busybox" chmod 0755 "$target.new"
    "$busybox" sync "$target.new"
    "$busybox" mv -f "$target.new" "$target"
}

# Parents belong to root, so no task can put a link in the place of one of these.
directory 0:0 0755 "$root" "$own" "$own/bin"
directory 0:0 0700 "$own/trash"
directory 1000:1000 0755 "$root/applications" "$root/fsmounts" "$root/volatile"
# Users with ids of their own are in the pool's group too; below workitems that group is handed on.
directory 1000:1000 0775 "$root/startup"
directory 1000:1000 2775 "$root/workitems"
# Whoever tasks run as, all read and write here.
directory 1000:1000 0777 "$root/shared"
# Marks: all may leave theirs, none sees or changes those of others (run.sh).
directory 0:0 1733 "$own/started" "$own/prepared" "$boot"

# Where jobs wait for the start task it leaves this mark itself; until then run.sh lets nothing of a job begin in this boot.
if [ "${BATCHYARD_AWAIT_START_TASK:-false}" != true ] && [ ! -e "$boot/serving" ]; then
    # By a rename: whatever is in its place was planted.
    new=$("$busybox" mktemp "$boot/serving.XXXXXX")
    "$busybox" mv -fT "$new" "$boot/serving"
fi

# Which kind of node this is: a Pod cannot be told, so run.sh reads it here.
printf '%s\n' "${AZ_BATCH_NODE_IS_DEDICATED:-true}" >"$own/dedicated"

install "$busybox" busybox
for script in run.sh supervise.sh sweep.sh; do
    install "$here/$script" "$script"
done
"$busybox" sync "$root" "$own" "$own/bin"
