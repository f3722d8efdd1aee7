# shellcheck shell=bash
# Processes that outlive the script: launching, finding and ending them. Sourced after places.sh.
#
# A process is ours when its pid stands in our pid file and its working folder is the folder that we gave it. So a pid
# that the system has given to somebody else since (after a crash or a reboot) is never taken for ours.

# launch NAME FOLDER PIDFILE COMMAND…: starts it in FOLDER, free of this terminal, with its output in a log of its own.
launch() {
    local name=$1 folder=$2 pidfile=$3
    shift 3
    [[ ! -s $place_log/$name.log ]] || mv -f "$place_log/$name.log" "$place_log/$name.log.1"
    (
        trap - ERR
        cd "$folder"
        exec setsid "$@" </dev/null >"$place_log/$name.log" 2>&1 9>&-
    ) &
    echo $! >"$pidfile"
}

# ours PIDFILE FOLDER: prints the pid when that process runs and is ours.
ours() {
    local pid
    pid=$(as_service head -n 1 "$1" 2>/dev/null || head -n 1 "$1" 2>/dev/null) || return 1
    [[ $pid =~ ^[0-9]+$ && $(working_folder "$pid") == "$2" ]] || return 1
    echo "$pid"
}

# Only the same user is always allowed to look, not even root in every container.
working_folder() {
    readlink "/proc/$1/cwd" 2>/dev/null || as_service readlink "/proc/$1/cwd" 2>/dev/null || true
}

# await WHAT NAME FOLDER PIDFILE COMMAND…: waits for what launch started until COMMAND succeeds; at most a minute.
await() {
    local what=$1 name=$2 folder=$3 pidfile=$4 tenths=600 misses=0
    shift 4
    until "$@"; do
        # While it changes its user, on a busy machine for a while, nobody may look at it: one miss says nothing.
        if ours "$pidfile" "$folder" >/dev/null; then misses=0; else misses=$((misses + 1)); fi
        if ((misses > 10 || tenths-- == 0)); then
            fail "$what did not start." "$(last_words "$name")" "The whole log: $place_log/$name.log"
        fi
        sleep 0.1
    done
}

# last_words NAME: the end of its log, fit for a person.
last_words() {
    grep -iE 'fatal|panic|error|could not|hint|can.t|abort' "$place_log/$1.log" | tail -n 4 || tail -n 4 "$place_log/$1.log"
}

# end_process NAME PIDFILE FOLDER SIGNAL SECONDS: ends it if it is ours; fails quietly when nothing ran.
end_process() {
    local name=$1 pidfile=$2 folder=$3 signal=$4 patience=$5 pid
    pid=$(ours "$pidfile" "$folder") || return 1
    kill -s "$signal" "$pid" || fail "no permission to end $name (pid $pid)." "It runs as $(stat -c %U "/proc/$pid")."
    if ! gone_within "$patience" "$pid" "$folder"; then
        say "$name has not ended after $patience s; it is killed."
        kill -s KILL "$pid" 2>/dev/null || true
        gone_within 10 "$pid" "$folder" || fail "$name (pid $pid) does not end."
    fi
}

gone_within() { # SECONDS PID FOLDER
    local tenths=$(($1 * 10))
    while [[ $(working_folder "$2") == "$3" ]]; do
        ((tenths-- > 0)) || return 1
        sleep 0.1
    done
}

# lock, unlock: two calls at once must not both start or stop the services.
lock() {
    exec 9>"$place/lock"
    flock -w 120 9 || fail "another 'make' has been starting or stopping the services for two minutes." "Wait for it, then try again."
}

unlock() {
    exec 9>&-
}
