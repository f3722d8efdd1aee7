# shellcheck shell=bash
# The Swift compiler: finding it, and building with progress and plain words. Sourced after places.sh.

swift_needed=6.3

# find_swift: puts a Swift that is new enough on PATH.
find_swift() {
    local version swiftly=$HOME/.local/share/swiftly/bin
    local install="Install Swift $swift_needed or newer: https://www.swift.org/install/linux/ (Debian 12), and have its 'swift' on PATH."
    if ! command -v swift >/dev/null && [[ -x $swiftly/swift ]]; then
        PATH=$swiftly:$PATH
    fi
    if ! command -v swift >/dev/null; then
        [[ -z ${SUDO_USER:-} ]] || fail "Swift is missing." "$install" "sudo hides your PATH: run make without sudo, it asks for sudo where it needs it."
        fail "Swift is missing." "$install"
    fi
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1) || true
    [[ -n $version ]] || fail "$(command -v swift) is not a working Swift compiler." "$install"
    [[ $(printf '%s\n' "$swift_needed" "$version" | sort -V | head -n 1) == "$swift_needed" ]] ||
        fail "Swift $version is too old ($(command -v swift))." "$install"
}

# build_swift WHAT LOG ARGUMENTS…: `swift build ARGUMENTS…`.
build_swift() {
    local what=$1 log=$2 started=$SECONDS jobs=()
    shift 2
    need_space "$project" "$([[ -d $project/.build ]] && echo 500 || echo 3000)" "building"
    # One compiler process takes up to 0.7 GB.
    if (($(megabytes_of MemAvailable) < 2000)); then
        say "Little memory is free ($(megabytes_of MemAvailable) MB): building with one job at a time."
        jobs=(--jobs 1)
    fi
    waiting_for "$what" "$log" swift build --package-path "$project" "${jobs[@]}" "$@" || explain_swift $? "$log"
    say "Built in $((SECONDS - started)) s."
}

explain_swift() {
    local status=$1 log=$2
    if ((status == 137)) || grep -qiE 'signal 9|: killed|out of memory|cannot allocate memory|memory exhausted' "$log"; then
        fail "the compiler ran out of memory ($(megabytes_of MemAvailable) MB are free now)." \
            "Close other programs or add swap space, then run this again: it goes on where it stopped."
    elif grep -q 'No space left on device' "$log"; then
        fail "the disk is full ($(df -Ph "$project" | awk 'NR == 2 { print $4 }') free)." "Free about 3 GB, then run this again: it goes on where it stopped."
    elif grep -qE 'Could not resolve host|Failed to clone|unable to access' "$log"; then
        fail "the Swift packages that Almagest is built with could not be fetched." "$(grep -E 'error:|fatal:' "$log" | head -n 2)" "Check the network."
    elif grep -qE 'Permission denied|Operation not permitted' "$log"; then
        fail "no permission to write in $project/.build (it belongs to $(stat -c %U "$project/.build"))." \
            "Was it built by another user? sudo chown -R $(id -un) '$project/.build'"
    fi
    grep -E 'error:' "$log" | sort -u | head -n 15 >&2 || tail -n 15 "$log" >&2
    fail "the build failed." "The whole log: $log"
}
