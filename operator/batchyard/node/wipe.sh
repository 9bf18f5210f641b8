#!/bin/sh
# wipe.sh DIR: removes exactly DIR from the node, and with BATCHYARD_JOB_UID the marks of that job, and proves both gone.
# Runs as root from the operator's image. What lies inside was made by tasks: no link is followed, no mount is crossed.
set -eu
umask 077

here=${0%/*}
busybox=${here%/*}/bin/busybox
mounts=${BATCHYARD_MOUNTS:-/mnt/batch}
root=${AZ_BATCH_NODE_ROOT_DIR:-$mounts/tasks}
boot=${BATCHYARD_BOOT_DIR:-$mounts/boot}
job=${BATCHYARD_JOB_UID-}

fail() {
    printf 'batchyard: %s\n' "$*" >&2
    exit 1
}

absent() { [ ! -e "$1" ] && [ ! -L "$1" ]; }

# check: DIR is a plain path below one of the mounts; sets mount (the mount it is in) and parent.
check() {
    case $dir in
        "$mounts"/?*/?*) ;;
        *) fail "$dir is not below a mount in $mounts" ;;
    esac
    case $dir/ in
        *//* | */./* | */../* | *[!A-Za-z0-9._:/-]*) fail "$dir is not a plain path" ;;
    esac
    case $job in
        .* | *[!A-Za-z0-9._-]*) fail "BATCHYARD_JOB_UID must be a plain name" ;;
    esac
    mount=${dir#"$mounts"/}
    mount=$mounts/${mount%%/*} parent=${dir%/*}
    case $dir in
        "$root"/.batchyard | "$root"/.batchyard/*) fail "$dir is the operator's own" ;;
    esac
}

# enter: stands in the parent, so that nothing can be moved under our feet any more. False when there is none.
enter() {
    path=$mount rest=${dir#"$mount"/}
    cd -P "$mount" || fail "$mount is not mounted"
    while [ "$rest" != "${rest#*/}" ]; do
        path=$path/${rest%%/*} rest=${rest#*/}
        [ ! -L "$path" ] || fail "$path is a symbolic link"
        [ -e "$path" ] || return 1
        cd "$path" || fail "cannot enter $path"
    done
    [ "$(pwd -P)" = "$parent" ] || fail "$parent is not where it should be"
}

# A bind mount looks like any directory, so only the kernel's list tells.
refuse_mounts() {
    [ -r /proc/self/mountinfo ] || fail "cannot read the list of mounts"
    while read -r _ _ _ _ point _; do
        case $point in
            "$dir" | "$dir"/*) fail "$point is a mount and stays, with all of $dir" ;;
        esac
    done </proc/self/mountinfo
}

# remove PATH: also where directories were made unwritable.
remove() {
    "$busybox" rm -rf "$1" 2>/dev/null && return
    "$busybox" find "$1" -xdev -type d -exec "$busybox" chmod u+rwx {} + 2>/dev/null || :
    "$busybox" rm -rf "$1" 2>/dev/null && return
    flatten "$1"
    "$busybox" rm -rf "$1"
}

# flatten PATH: names may be nested deeper than any path can say; what lies deep is moved up until nothing does.
flatten() {
    number=0
    while deep=$("$busybox" find "$1" -xdev -mindepth 9 -maxdepth 9 -type d -print -quit 2>/dev/null) && [ -n "$deep" ]; do
        number=$((number + 1))
        "$busybox" find "$1" -xdev -mindepth 9 -maxdepth 9 -type d -exec "$busybox" sh -c '
            busybox=$1 target=$2
            shift 2
            number=0
            for path; do
                number=$((number + 1))
                "$busybox" mv "$path" "$target.$number" || exit
            done
        ' flatten "$busybox" "$1/moved.$number" {} + 2>/dev/null || fail "cannot move what lies deep in $1"
    done
}

# wipe: first out of everybody's reach in one step, which needs no space, then away.
wipe() {
    name=${dir##*/}
    if [ "$mount" = "$root" ]; then trash=$root/.batchyard/trash; else trash=$mount/.trash; fi
    [ ! -L "$trash" ] || fail "$trash is a symbolic link"
    "$busybox" mkdir -p "$trash" && "$busybox" chmod 0700 "$trash"
    grave=$trash/$(printf %s "${dir#"$mount"/}" | "$busybox" tr / :)
    remove "$grave"
    absent "./$name" || "$busybox" mv "./$name" "$grave"
    remove "$grave"
    absent "$grave" && absent "$dir" || fail "$dir is still there"
    "$busybox" sync . "$trash"
}

# marks PATTERN DIR...: removes what matches, and proves it.
marks() {
    pattern=$1
    shift
    for where; do
        [ -d "$where" ] && [ ! -L "$where" ] || continue
        "$busybox" find "$where" -mindepth 1 -maxdepth 1 -name "$pattern" -exec "$busybox" rm -rf {} + 2>/dev/null || :
        # What resists is no mark of ours.
        for mark in "$where"/$pattern; do
            absent "$mark" || remove "$mark"
        done
        [ -z "$("$busybox" find "$where" -mindepth 1 -maxdepth 1 -name "$pattern")" ] || fail "marks are left in $where"
        "$busybox" sync "$where"
    done
}

[ $# -eq 1 ] || fail "usage: wipe.sh DIR"
dir=${1%/}
check
if enter; then
    refuse_mounts
    wipe
fi
if [ -n "$job" ]; then
    marks "$job.*" "$root/.batchyard/started" "$boot"
    marks "$job*" "$root/.batchyard/prepared"
fi
absent "$dir" || fail "$dir is still there"
