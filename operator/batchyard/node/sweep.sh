#!/bin/sh
# Removes task directories whose retention has passed, every minute for ever, or once when asked with `once`.
# Runs as root in the pool's agent container. What tasks wrote is only read as a number and only removed below workitems.
set -eu

export busybox="${0%/*}/busybox" now=0
root=${AZ_BATCH_NODE_ROOT_DIR:-/mnt/batch/tasks}
interval=${BATCHYARD_SWEEP_INTERVAL:-60}

# For each file given: removes its directory, named by its own parent, never through a link.
# shellcheck disable=SC2016 # expanded by the inner shell
remove_expired='
    for file; do
        time=$("$busybox" timeout 5 "$busybox" head -n 1 "$file" 2>/dev/null | "$busybox" head -c 20)
        case $time in "" | *[!0-9]* | ????????????????*) continue ;; esac
        [ "$time" -le "$now" ] || continue
        directory=${file%/.expires}
        cd -P "${directory%/*}" 2>/dev/null && [ "$(pwd -P)" = "${directory%/*}" ] || continue
        "$busybox" rm -rf "./${directory##*/}" || echo "batchyard: $directory is not removed" >&2
    done
'

sweep() {
    cd -P "$root/workitems" || return 0
    now=$("$busybox" date +%s)
    "$busybox" find "$(pwd -P)" -xdev -mindepth 4 -maxdepth 4 -name .expires -type f \
        -exec "$busybox" sh -c "$remove_expired" sweep {} + || :
}

trap 'exit 0' TERM INT
while :; do
    sweep
    [ "${1-}" != once ] || exit 0
    "$busybox" sleep "$interval" &
    wait $! || :
done
