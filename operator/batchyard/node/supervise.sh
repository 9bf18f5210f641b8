# shellcheck shell=sh
# shellcheck disable=SC2094,SC2154 # a fifo has two ends; run.sh sets the rest
# Runs one command: its own session, two logs, a clock, forwarded signals. Sourced by run.sh; knows no modes and no marks.
#
# Variables start with an underscore: every other name may be exported by the image and belongs to the command.

_stop_signals="HUP INT QUIT TERM USR1 WINCH" # images choose theirs with STOPSIGNAL
_drain=3                                     # seconds for output still held open by processes that left the group
_phase=idle _stopped='' _interrupted='' _timer='' _group=''

# catch_signals: must come before anything that can take time.
catch_signals() {
    for _signal in $_stop_signals; do
        # shellcheck disable=SC2064 # the name is wanted now, not later
        trap "_woken=yes _stopped=$_signal; stop $_signal" "$_signal"
    done
    trap '_woken=yes; ring' ALRM
}

stop() {
    [ "$_phase" = running ] || return 0
    _phase=stopping
    kill "-$1" "-$_group" 2>/dev/null || :
    arm "$_kill_after"
}

ring() {
    case $_phase in
        running) _code=TaskEnded; stop TERM ;;
        stopping) kill -KILL "-$_group" 2>/dev/null || : ;;
        draining) kill -KILL "$_stdout" "$_stderr" 2>/dev/null || : ;;
    esac
}

# arm SECONDS: one clock for all phases. A session of its own, so that disarming leaves no sleep behind.
arm() {
    disarm
    # shellcheck disable=SC2016 # expanded by the inner shell
    "$_busybox" setsid "$_busybox" sh -c '"$0" sleep "$1" && kill -ALRM "$2"' "$_busybox" "$1" "$$" </dev/null >/dev/null 2>&1 &
    _timer=$!
}

disarm() {
    [ -n "$_timer" ] || return 0
    kill -KILL "-$_timer" 2>/dev/null || kill -KILL "$_timer" 2>/dev/null || :
    _timer=''
}

# await PID...: like wait, but goes on after a signal; sets _status.
await() {
    _woken=yes
    while [ -n "$_woken" ]; do
        _woken='' _status=0
        wait "$@" 2>/dev/null || _status=$?
    done
}

# locate COMMAND: sets _program to what execvp would run, or _code.
locate() {
    _program='' _denied=''
    case $1 in
        */*) consider "$1" || [ ! -e "$1" ] || _denied=$1 ;;
        *)
            _rest=${PATH:-/bin:/usr/bin}:
            while [ -n "$_rest" ]; do
                _part=${_rest%%:*} _rest=${_rest#*:}
                consider "${_part:-.}/$1" && break
            done
            ;;
    esac
    [ -z "$_program" ] || return 0
    if [ -n "$_denied" ]; then
        refuse_launch CommandLaunchFailed "cannot execute $_denied"
    else
        refuse_launch CommandProgramNotFound "command not found: $1"
    fi
}

consider() {
    [ -f "$1" ] || return 1
    if [ -x "$1" ]; then _program=$1; else _denied=$1; return 1; fi
}

# refuse_launch CODE TEXT: the user finds the text where the command's own errors would be.
refuse_launch() {
    _code=$1
    : >"$_dir/stdout.txt" || :
    printf 'batchyard: %s\n' "$2" >"$_dir/stderr.txt" || :
    printf 'batchyard: %s\n' "$2" >&2
    return 1
}

# The keeper runs the command in its foreground: a background child of a shell would ignore INT and QUIT for ever.
# It outlives signals to the group, so that it can tell the exit code, which it writes after its process id. The command's standard
# error comes to it as 9, because what a shell says of killed children is not the command's word; 10 is where this shell saves the other one.
# shellcheck disable=SC2016 # expanded by the inner shell
_keeper='
    trap : $1
    unset OLDPWD SHLVL $2
    shift 2
    echo $$ >&8
    (exec "$@" 2>&9 8>&- 9>&- 10>&-)
    echo $? >&8
'

_odd_name='^([0-9]|[A-Za-z0-9_]*[^A-Za-z0-9_=])'
is_odd() {
    case ${1%%=*} in
        [0-9]* | *[!A-Za-z0-9_]*) ;;
        *) return 1 ;;
    esac
}

# supervise COMMAND ARG...: sets _exit (empty when it never ran) and _code (empty when nothing but the exit code tells).
# The working directory is the command's. Standard output and error go to the files in _dir and to our own.
supervise() {
    _exit='' _code='' _phase=idle
    [ -z "$_stopped" ] || { _exit=143; return 0; }
    locate "$1" || return 0
    shift
    set -- "$_program" "$@"
    # A shell drops variables with names it could not write, such as `a.b`; images have them.
    if "$_busybox" grep -qzE "$_odd_name" "/proc/$$/environ" 2>/dev/null; then
        # shellcheck disable=SC3045 # busybox can
        while IFS= read -r -d '' _variable; do
            is_odd "$_variable" && set -- "$_variable" "$@"
        done <"/proc/$$/environ"
        set -- "$_busybox" env "$@"
    fi
    open_pipes
    tee_to stdout.txt <&3 & _stdout=$!
    tee_to stderr.txt <&5 >&2 & _stderr=$!
    # The second setsid finds itself leader, forks and lets its parent go.
    "$_busybox" setsid "$_busybox" setsid "$_busybox" sh -c "$_keeper" batchyard "$_stop_signals ALRM USR2" "$_private" \
        "$@" </dev/null >&4 9>&6 2>/dev/null 3<&- 4>&- 5<&- 6>&- 7<&- || :
    exec 4>&- 6>&- 8>&-
    IFS= read -r _group <&7 || _code=CommandLaunchFailed
    tell_exit <&7 & _reader=$!
    exec 3<&- 5<&- 7<&-
    [ -n "$_code" ] || watch
    drain
}

# tell_exit: ends with the command's exit code; a keeper that said nothing was killed. A child, because only wait is woken by signals without a gap.
tell_exit() {
    exec 3<&- 5<&- 7<&-
    IFS= read -r _told || _told=137
    exit "$_told"
}

# watch: until the command ends; _interrupted says whether it was asked to.
watch() {
    [ "$_wall_clock" -eq 0 ] || arm "$_wall_clock"
    _phase=running
    [ -z "$_stopped" ] || stop "$_stopped"
    await "$_reader"
    _exit=$_status _interrupted=$_stopped
    kill -KILL "-$_group" 2>/dev/null || :
}

# drain: the logs end when the last holder of the pipes does; a process that left the group may keep them open only for a while.
drain() {
    disarm
    _phase=draining
    arm "$_drain"
    await "$_stdout"
    await "$_stderr"
    _phase=idle
    disarm
    [ $$ -ne 1 ] || kill -KILL -1 2>/dev/null || :
    judge
}

judge() {
    [ "$_code" != TaskEnded ] || [ "$_exit" -ne 0 ] || _exit=143
    case $_exit in
        126 | 127) ;;
        *) return 0 ;;
    esac
    # The keeper could not execute it: an interpreter or loader is missing, or it is no program at all.
    _first=''
    IFS= read -r _first <"$_dir/stderr.txt" || :
    case $_first in
        "batchyard: "* | "env: can't execute"*) _exit='' _code=CommandLaunchFailed ;;
    esac
}

# open_pipes: 3 and 4 are the ends of standard output, 5 and 6 of standard error, 7 and 8 of the keeper's word.
open_pipes() {
    need mkfifo "$_dir/.stdout" "$_dir/.stderr" "$_dir/.keeper"
    exec 9<>"$_dir/.stdout" 3<"$_dir/.stdout" 4>"$_dir/.stdout"
    exec 9<>"$_dir/.stderr" 5<"$_dir/.stderr" 6>"$_dir/.stderr"
    exec 9<>"$_dir/.keeper" 7<"$_dir/.keeper" 8>"$_dir/.keeper"
    exec 9>&-
    "$_busybox" rm -f "$_dir/.stdout" "$_dir/.stderr" "$_dir/.keeper"
}

# tee_to FILE: goes on with the file when nobody reads the container log.
tee_to() {
    trap '' PIPE
    exec 4>&- 6>&- 8>&-
    exec "$_busybox" tee "$_dir/$1"
}
