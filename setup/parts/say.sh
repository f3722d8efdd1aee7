# shellcheck shell=bash
# Words to the person at the terminal: steps with elapsed seconds, long waits, and failures that say what to do. Sourced.

set -Eeuo pipefail
shopt -s inherit_errexit

# A failure that was explained ends with this status, so that the trap below does not explain it again.
readonly EXPLAINED=70

trap 'unexpected $? "$BASH_COMMAND" "${BASH_SOURCE[0]}" "$LINENO"' ERR

# say WORDS: one step, with the seconds since the script began.
say() {
    printf '[%4d s] %s\n' "$SECONDS" "$*"
}

# fail WHAT [HINT…]: says what is wrong and, a line each, what to do about it; then ends.
fail() {
    {
        printf '\nAlmagest: %s\n' "$1"
        shift
        (($# == 0)) || printf '  %s\n' "$@"
    } >&2
    exit "$EXPLAINED"
}

unexpected() {
    (($1 == EXPLAINED)) || printf '\nAlmagest: "%s" failed with status %d (%s, line %d).\n' "${2%%$'\n'*}" "$1" "${3##*/}" "$4" >&2
    exit "$EXPLAINED"
}

# waiting_for WHAT LOG COMMAND…: runs a long command into a log file and shows that it lives: the seconds, and the last
# "[12/345] …" line of a compiler. On a terminal one line is rewritten, elsewhere a line comes every 15 seconds.
waiting_for() {
    local what=$1 log=$2 status=0
    shift 2
    report_life "$what" "$log" &
    local reporter=$!
    "$@" </dev/null >"$log" 2>&1 || status=$?
    kill "$reporter" 2>/dev/null || true
    wait "$reporter" 2>/dev/null || true
    [[ ! -t 1 ]] || printf '\r\033[K'
    return "$status"
}

report_life() {
    local what=$1 log=$2 every=15 started=$SECONDS latest
    [[ ! -t 1 ]] || every=1
    trap - ERR
    # The reporter ends with the script, however that ends.
    while sleep "$every" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
        latest=$(grep -oE '^\[[0-9]+/[0-9]+\] .{0,60}' "$log" 2>/dev/null | tail -n 1) || latest=
        if [[ -t 1 ]]; then
            printf '\r\033[K         … %s: %d s  %s' "$what" $((SECONDS - started)) "$latest"
        else
            printf '         … %s: %d s  %s\n' "$what" $((SECONDS - started)) "$latest"
        fi
    done
}
