#!/bin/sh
# run.sh MODE -- COMMAND ARG...: the whole protocol between a user's container and its node. MODE: start, prep, task, release.
# First process of the container, in any image, as uid 1000, root, or a user in group 1000. Its last act is one JSON line in the termination message.
set -eu
umask 022

_log=${BATCHYARD_TERMINATION_LOG:-/dev/termination-log}
_line='{"exitCode":null,"startTime":null,"endTime":null,"retryCount":0,"code":"CommandLaunchFailed"}'
_busybox=${0%/*}/busybox
_root=${AZ_BATCH_NODE_ROOT_DIR-}
_own=$_root/.batchyard
_boot=${BATCHYARD_BOOT_DIR:-/mnt/batch/boot}
_dir=${AZ_BATCH_TASK_DIR-}
_attempt=${BATCHYARD_ATTEMPT:-0}
_key=${BATCHYARD_KEY-}
_job=${BATCHYARD_JOB_UID:-none}
_retries=${BATCHYARD_MAX_RETRIES:-0}
_wall_clock=${BATCHYARD_WALL_CLOCK:-0}
_retention=${BATCHYARD_RETENTION:-0}
_kill_after=${BATCHYARD_KILL_AFTER:-10} # seconds from the first signal to KILL
_image_directory=$PWD # no $(pwd): nothing may fork before the trap is set
_retried=0 _retry_time='' _begin='' _exit='' _code=''
_private="BATCHYARD_ATTEMPT BATCHYARD_KEY BATCHYARD_JOB_UID BATCHYARD_REQUIRE_PREPARED BATCHYARD_MAX_RETRIES BATCHYARD_WALL_CLOCK
    BATCHYARD_RERUN_ON_REBOOT BATCHYARD_WORKING_DIRECTORY BATCHYARD_RETENTION BATCHYARD_POD_UID BATCHYARD_KILL_AFTER BATCHYARD_TERMINATION_LOG BATCHYARD_BOOT_DIR"
export AZ_BATCH_TASK_WORKING_DIR="$_dir/wd"

# shellcheck source=supervise.sh
. "${0%/*}/supervise.sh"

now() { "$_busybox" date -u +%Y-%m-%dT%H:%M:%SZ; }

# result: sets _line. Only times, numbers and our own words, so nothing needs escaping.
result() {
    _end=$(now)
    _line="{\"exitCode\":${_exit:-null},\"startTime\":\"${_begin:=$_end}\",\"endTime\":\"$_end\",\"retryCount\":$_retried"
    [ -z "$_retry_time" ] || _line="$_line,\"lastRetryTime\":\"$_retry_time\""
    _line="$_line,\"code\":\"$_code\"}"
}

# emit: the last act. The container's exit code is the one in the line, 125 when it has none.
emit() {
    trap - EXIT
    printf '%s\n' "$_line" >"$_log" || printf 'batchyard: %s\n' "$_line" >&2
    _exit=${_line#\{\"exitCode\":}
    _exit=${_exit%%,*}
    case $_exit in '' | *[!0-9]*) _exit=125 ;; esac
    exit "$_exit"
}

# refuse CODE TEXT: ends without having run the command.
refuse() {
    printf 'batchyard: %s\n' "$2" >&2
    _exit='' _code=$1
    result
    emit
}

# need APPLET ARG...: what must succeed before the command may start.
need() {
    _message=$("$_busybox" "$@" 2>&1) || refuse_disk "$_message"
}

refuse_disk() {
    case $1 in
        *"No space left"* | *"uota exceeded"*) refuse DiskFull "$1" ;;
        *) refuse ResourceDirectoryCreateFailed "$1" ;;
    esac
}

# --- input ---------------------------------------------------------------------------------------------------------------------

# The operator chooses these; a slip of its must not become a path elsewhere on the node.
check() {
    for _name in "$_key" "$_job"; do
        case $_name in
            '' | .* | *[!A-Za-z0-9._-]*) refuse CommandLaunchFailed "BATCHYARD_KEY and BATCHYARD_JOB_UID must be plain names" ;;
        esac
    done
    for _number in "$_attempt" "$_wall_clock" "$_retention" "$_kill_after" "${_retries#-}"; do
        case $_number in
            '' | *[!0-9]*) refuse CommandLaunchFailed "attempt, retries, wall clock and retention must be numbers" ;;
        esac
    done
    case $_dir/ in
        *//* | */./* | */../*) refuse CommandLaunchFailed "AZ_BATCH_TASK_DIR must be a plain path" ;;
        /*) ;;
        *) refuse CommandLaunchFailed "AZ_BATCH_TASK_DIR must be absolute" ;;
    esac
    case $_dir in
        "${_root:-/none}"/?*) ;;
        *) refuse CommandLaunchFailed "AZ_BATCH_TASK_DIR must lie below AZ_BATCH_NODE_ROOT_DIR" ;;
    esac
}

# --- directories ---------------------------------------------------------------------------------------------------------------

# parents: makes them for everybody of the pool. A link among them was planted, and root must not follow it.
parents() {
    _path=$_root _rest=${_dir#"$_root"/}
    while [ "$_rest" != "${_rest#*/}" ]; do
        _path=$_path/${_rest%%/*} _rest=${_rest#*/}
        [ ! -L "$_path" ] || refuse ResourceDirectoryCreateFailed "$_path is a symbolic link"
        if [ ! -d "$_path" ]; then need mkdir -p -m 2775 "$_path"; fi
        # Made by root, for root alone; setup's directory tells who we are.
        if [ -O "$_own" ] && [ -O "$_path" ]; then need chown 1000:1000 "$_path"; fi
    done
}

# keep_earlier: an earlier attempt's directory stays until its retention ends.
keep_earlier() {
    [ -e "$_dir" ] || [ -L "$_dir" ] || return 0
    _earlier=''
    [ ! -f "$_dir/.attempt" ] || IFS= read -r _earlier <"$_dir/.attempt" || :
    case $_earlier in '' | *[!0-9]*) _earlier=unknown ;; esac
    _earlier=$_dir.attempt-$_earlier
    while [ -e "$_earlier" ] || [ -L "$_earlier" ]; do _earlier=$_earlier+; done
    need mv -f "$_dir" "$_earlier"
    [ -e "$_earlier/.expires" ] || expire "$_earlier"
}

# clean: for what runs again in the same place.
clean() {
    cd /
    [ -d "$_dir" ] || return 0
    "$_busybox" find "$_dir" -mindepth 1 -maxdepth 1 -exec "$_busybox" rm -rf {} + 2>/dev/null && return
    "$_busybox" find "$_dir" -type d -exec "$_busybox" chmod u+rwx {} + 2>/dev/null || :
    need find "$_dir" -mindepth 1 -maxdepth 1 -exec "$_busybox" rm -rf {} +
}

# directories: the file inside takes a block, so a full disk shows before the command starts.
directories() {
    [ ! -L "$_dir" ] || refuse ResourceDirectoryCreateFailed "$_dir is a symbolic link"
    need mkdir -p "$_dir"
    [ ! -O "$_dir" ] || need chmod g-s "$_dir" # what the command makes is of its own group
    need mkdir -p "$_dir/wd"
    _message=$({ echo "$_attempt" >"$_dir/.attempt"; } 2>&1) || refuse_disk "$_message"
    cd "$_dir/wd" || refuse ResourceDirectoryCreateFailed "cannot enter $_dir/wd"
}

expire() {
    [ "$_retention" -eq 0 ] || echo "$(($("$_busybox" date +%s) + _retention))" 2>/dev/null >"$1/.expires" || :
}

# --- marks ---------------------------------------------------------------------------------------------------------------------
#
# Their directories are root's, sticky, and closed to reading: who does not know a job's UID finds no mark of it, and nobody changes
# another user's. So they cannot be synced either; on ext4, xfs and btrfs the sync of a file that is new or was renamed takes its name along.

# claim: the attempt's marker, made by one process only and on disk before the command starts.
claim() {
    _marker=$_own/started/$_key
    [ ! -e "$_marker" ] || refuse AlreadyStarted "attempt $_key was started before"
    if [ "$_mode" = task ] && [ ! -e "$_boot/serving" ]; then
        refuse NodeNotPrepared "the pool's start task has not succeeded on this node since it booted"
    fi
    if [ "${BATCHYARD_REQUIRE_PREPARED:-false}" = true ] && [ ! -e "$_boot/$_job.prepared" ]; then
        refuse NodeNotPrepared "the job's preparation has not succeeded on this node since it booted"
    fi
    if [ "$_mode" = release ] && [ ! -e "$_own/prepared/$_job" ]; then # another machine, or another disk, under the node's name
        refuse NothingToRelease "the job was never prepared on this disk"
    fi
    _message=$(set -C; { echo "$_attempt" >"$_marker"; } 2>&1) || case $_message in
        *"File exists"*) refuse AlreadyStarted "attempt $_key was started before" ;;
        *) refuse_disk "$_message" ;;
    esac
    need sync "$_marker"
}

# remembered FILE: sets _line to what root or we ourselves have written there. A link, or another user's word, is nothing.
remembered() {
    [ -f "$1" ] || return 1
    case $("$_busybox" stat -c '%u %h %F' "$1") in
        "0 1 regular file") ;;
        *" 1 regular file") [ -O "$1" ] || return 1 ;;
        *) return 1 ;;
    esac
    IFS= read -r _line <"$1"
}

# recall FILE: ends with the result remembered there, if any.
recall() {
    ! remembered "$1" || emit
}

# remember FILE: whole or not at all, written under a name that nobody can have planted.
remember() {
    [ ! -L "$1" ] || "$_busybox" rm -f "$1"
    _new=$("$_busybox" mktemp "$1.XXXXXX") || return
    printf '%s\n' "$_line" >"$_new" && "$_busybox" chmod 0644 "$_new" && "$_busybox" sync "$_new" \
        && "$_busybox" mv -fT "$_new" "$1" && "$_busybox" sync "$1" && return
    "$_busybox" rm -f "$_new"
    return 1
}

must_remember() {
    _message=$(remember "$1" 2>&1) || refuse_disk "$_message"
}

# --- modes ---------------------------------------------------------------------------------------------------------------------

# run COMMAND ARG...: with the retries the mode allows.
run() {
    [ "${BATCHYARD_WORKING_DIRECTORY-}" != image ] || cd "$_image_directory" || refuse CommandLaunchFailed "cannot enter $_image_directory"
    _begin=$(now)
    supervise "$@"
}

run_with_retries() {
    parents
    while :; do
        clean
        directories
        run "$@"
        [ -z "$_stopped" ] && [ -z "$_code" ] && [ "$_exit" -ne 0 ] || break
        [ "$_retries" -lt 0 ] || [ "$_retried" -lt "$_retries" ] || break
        pause "$_retried"
        [ -z "$_stopped" ] || break
        _retried=$((_retried + 1))
        _retry_time=$(now)
    done
    # Interrupted is not done, whatever the command made of it.
    [ -z "$_stopped" ] || [ "$_exit" != 0 ] || _exit=143
}

# pause RETRIES: the first retry comes at once, a later one after as many seconds, at most 30.
pause() {
    [ "$1" -gt 0 ] || return 0
    _phase=pausing
    "$_busybox" sleep "$(($1 < 30 ? $1 : 30))" & _sleep=$!
    wait "$_sleep" || :
    kill "$_sleep" 2>/dev/null || :
    _phase=idle
}

finish() {
    expire "$_dir"
    emit
}

once() {
    claim
    parents
    keep_earlier
    directories
    run "$@"
    # A release that was cut short is not done, whatever its command made of it.
    [ "$_mode" = task ] || [ -z "$_interrupted" ] || [ "$_exit" != 0 ] || _exit=143
    result
}

task() {
    once "$@"
    finish
}

# release: what succeeded is not done again when a node that nobody could hear lost its Pod, and another one comes.
release() {
    recall "$_own/started/$_job.released"
    once "$@"
    [ "$_exit" != 0 ] || remember "$_own/started/$_job.released" || :
    finish
}

# await_pool: after a reboot the pool's set-up and start task of this boot may come later than we do (Azure: the start task comes first).
await_pool() {
    until [ -e "$_boot/serving" ] || [ -n "$_stopped" ]; do
        "$_busybox" sleep 0.1
    done
}

prepare() {
    await_pool
    recall "$_boot/$_job.prepared"
    recall "$_boot/$_key.failed"
    if [ "${BATCHYARD_RERUN_ON_REBOOT:-true}" = false ] && remembered "$_own/prepared/$_job"; then
        must_remember "$_boot/$_job.prepared"
        emit
    fi
    run_with_retries "$@"
    result
    if [ "$_exit" = 0 ]; then
        must_remember "$_own/prepared/$_job"
        must_remember "$_boot/$_job.prepared"
    fi
    settle
}

start() {
    recall "$_boot/$_key.done"
    recall "$_boot/$_key.failed"
    run_with_retries "$@"
    result
    if [ "$_exit" = 0 ]; then
        [ -e "$_boot/serving" ] || must_remember "$_boot/serving"
        remember "$_boot/$_key.done" || :
    fi
    settle
}

# settle: a final failure is not tried again in this boot under this key.
settle() {
    [ "$_exit" = 0 ] || [ -n "$_stopped" ] || remember "$_boot/$_key.failed" || :
    finish
}

trap emit EXIT # what no line foresees ends with a result too
catch_signals
_mode=${1-}
[ "${2-}" = -- ] && [ $# -ge 3 ] || refuse CommandLaunchFailed "usage: run.sh start|prep|task|release -- COMMAND ARG..."
shift 2
check
[ ! -f "$_own/dedicated" ] || IFS= read -r AZ_BATCH_NODE_IS_DEDICATED <"$_own/dedicated" || :
export AZ_BATCH_NODE_IS_DEDICATED
case $_mode in
    start) start "$@" ;;
    prep) prepare "$@" ;;
    task) task "$@" ;;
    release) release "$@" ;;
    *) refuse CommandLaunchFailed "unknown mode $_mode" ;;
esac
