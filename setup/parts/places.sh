# shellcheck shell=bash
# Where an archive keeps its private things, and which user runs its PostgreSQL and Redis. Sourced after say.sh.
#
# `settle .almagest` (the archive) or `settle .almagest-test` (the tests' own) sets
#   place         that folder of the project
#   place_data    the folder of the services' data: only service_user enters it
#   place_run     the folder of their sockets: a short path, only service_user (and root) enters it
#   place_log     logs
#   service_user  the caller, or an ordinary user when the caller is root
#   as_service    the words before a command that make it service_user's; also a function: as_service COMMAND…

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)

settle() {
    place=$project/$1
    place_log=$place/log
    [[ -e $place || -w $project ]] || fail "no permission to write in $project." \
        "Work in a folder of your own, or ask its owner ($(stat -c %U "$project"))."
    if [[ -e $place ]] && ((EUID != 0)) && [[ ! -O $place ]]; then
        fail "$place belongs to $(stat -c %U "$place")." \
            "Run this as that user, or take it over: sudo chown -R $(id -un) '$place' (after 'make stop' as that user)."
    fi
    mkdir -p "$place" "$place_log" 2>/dev/null || fail "can't make the folder $place_log." "Is the disk full or read-only?"
    service_user=$(id -un)
    if ((EUID == 0)); then
        service_user=postgres
        [[ ! -d $place/data || $(stat -Lc %u "$place/data") == 0 ]] || service_user=$(stat -Lc %U "$place/data")
    fi
    become_service
}

# settle_services: makes the folders of the private services. Needs service_user to exist.
settle_services() {
    id -u "$service_user" >/dev/null 2>&1 || fail "the user $service_user is missing." \
        "PostgreSQL does not run as root. The package postgresql-15 brings the user: apt-get install postgresql-15"
    become_service
    if [[ ! -e $place/data && ! -L $place/data ]] && ! can_enter "$place"; then
        ln -s "$(mktemp -d /var/lib/almagest.XXXXXX)" "$place/data"
        say "The user $service_user can't enter $place, so the data go to $(readlink "$place/data")."
    fi
    place_data=$(readlink -m "$place/data")
    own_folder "$place_data"
    can_enter "$place_data" || fail "the user $service_user can't enter $place_data." \
        "Let others pass through the folders above it: chmod o+x FOLDER"

    place_run=$place/run
    if ! fits_socket "$place_run" || ! can_enter "$place"; then
        local short
        short=almagest-$EUID-$(sha256sum <<<"$place" | cut -c 1-10)
        place_run=/tmp/$short
        ((EUID != 0)) || place_run=/run/$short
        [[ -L $place/run || -e $place/run ]] || ln -s "$place_run" "$place/run"
    fi
    own_folder "$place_run"
}

# Without the package postgresql-15 there may be no service_user yet.
become_service() {
    as_service=()
    if ((EUID == 0)) && id -u "$service_user" >/dev/null 2>&1; then
        as_service=(setpriv --reuid "$service_user" --regid "$(id -g "$service_user")" --init-groups --)
    fi
}

# own_folder FOLDER: makes it, or makes sure that it is service_user's alone (others can write in /tmp, too).
own_folder() {
    if [[ ! -e $1 && ! -L $1 ]]; then
        mkdir -m 700 "$1" 2>/dev/null || fail "can't make the folder $1." "Is the disk full or read-only, or its parent another user's?"
        ((EUID != 0)) || chown "$service_user:" "$1"
    fi
    [[ -d $1 && ! -L $1 ]] || fail "$1 is not a folder." "Move it away."
    ((EUID != 0)) || [[ $(stat -c %u "$1") != 0 ]] || chown "$service_user:" "$1"
    [[ $(stat -c %U "$1") == "$service_user" ]] || fail "the folder $1 belongs to $(stat -c %U "$1"), not to $service_user." "Move it away."
    chmod 700 "$1"
}

# fits_socket FOLDER: whether a socket in it has a path short enough for the system (107 bytes), and plain enough for a URL.
fits_socket() {
    local LC_ALL=C
    ((${#1} + 15 <= 107)) && [[ $1 =~ ^[A-Za-z0-9/._-]+$ ]]
}

# as_service COMMAND…: runs it as service_user, from a folder that everyone can enter.
as_service() (
    cd /
    exec "${as_service[@]}" "$@"
)

can_enter() {
    as_service test -x "$1"
}

# need_space FOLDER MEGABYTES WHAT: fails while there is still nothing to clean up.
need_space() {
    local free
    free=$(df -Pm "$1" | awk 'NR == 2 { print $4 }')
    ((free >= $2)) || fail "the disk of $1 has only $free MB free; $3 needs about $2 MB." "Free some space and run this again."
}

megabytes_of() { # MemTotal or MemAvailable
    awk -v name="$1:" '$1 == name { print int($2 / 1024) }' /proc/meminfo
}

# write FILE: standard input becomes the file, as service_user's.
write() {
    # shellcheck disable=SC2016
    as_service bash -c 'umask 077; cat >"$1"' _ "$1"
}
