# shellcheck shell=bash
# The Debian packages that Almagest needs: finds the missing ones and has them installed. Sourced after places.sh.

# install_packages services|build|tests|bench|desktop: what that needs, and no server where the environment names one.
install_packages() {
    local wanted=() missing=() package
    case $1 in
    services) ;;
    desktop) wanted+=(python3-venv topcat xvfb openbox xdotool imagemagick) ;;
    build | tests | bench)
        wanted+=(git curl ca-certificates binutils libc6-dev libstdc++-12-dev zlib1g-dev)
        wanted+=(pkg-config libpq-dev libxml2-dev libcurl4-openssl-dev libhdf5-dev libhiredis-dev libzstd-dev)
        ;;
    esac
    if [[ $1 == desktop ]]; then
        : # It only talks to a server.
    elif [[ $1 == tests || $1 == bench ]]; then
        wanted+=(python3-venv)
        if [[ $1 == tests ]]; then
            wanted+=(stilts hdf5-tools chromium chromium-driver wget shellcheck)
        else
            wanted+=(wrk valgrind)
        fi
        if [[ -z ${ALMAGEST_TEST_DATABASE_URL:-} ]]; then wanted+=("${postgres_packages[@]}"); else wanted+=(postgresql-client); fi
        # The tests stop and start a Redis of their own, so the program is always needed.
        wanted+=(redis-server)
    else
        if [[ -z ${ALMAGEST_DATABASE_URL:-} ]]; then wanted+=("${postgres_packages[@]}"); else wanted+=(postgresql-client); fi
        [[ -n ${ALMAGEST_REDIS_URL:-} ]] || wanted+=(redis-server)
    fi

    for package in "${wanted[@]}"; do
        installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    command -v apt-get >/dev/null || fail "this system has no apt-get; the set-up is made for Debian 12." \
        "Install by other means what these Debian packages hold: ${missing[*]}"
    become_root "${missing[@]}"
    need_space /usr 1000 "installing ${#missing[@]} packages"
    say "Installing Debian packages: ${missing[*]}"
    waiting_for "apt-get" "$place_log/apt.log" "${root[@]}" "$parts/apt.sh" "${missing[@]}" || explain_apt "${missing[@]}"
}

postgres_packages=(postgresql-15 postgresql-15-pgsphere postgresql-15-q3c)

installed() {
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

become_root() {
    root=()
    ((EUID != 0)) || return 0
    local advice="Ask your administrator to install: apt-get install $*"
    command -v sudo >/dev/null || fail "Debian packages are missing, and you are neither root nor is there sudo." "$advice"
    if [[ -t 0 ]]; then
        echo "Debian packages are missing: $*"
        sudo -v || fail "sudo did not let you install packages." "$advice"
    else
        sudo -n true 2>/dev/null || fail "Debian packages are missing, and sudo asks for a password that nobody can type here." "$advice"
    fi
    root=(sudo)
}

explain_apt() {
    local log=$place_log/apt.log hint="Mend that, or install by hand: apt-get install $*"
    if grep -q 'Unable to locate package' "$log"; then
        hint="This set-up is made for Debian 12; here is $(. /etc/os-release && echo "$PRETTY_NAME")."
    elif grep -qE 'Could not get lock|Unable to acquire' "$log"; then
        hint="Another package manager is at work: wait for it, then try again."
    elif grep -qE 'Temporary failure resolving|Could not resolve|Failed to fetch|Unable to connect' "$log"; then
        hint="The package mirror can't be reached: check the network."
    elif grep -qE 'dpkg was interrupted' "$log"; then
        hint="An earlier installation was cut off: dpkg --configure -a"
    elif grep -qE 'No space left|enough free space' "$log"; then
        hint="The disk is full: free some space."
    fi
    fail "the Debian packages could not be installed." "$(grep -E '^(E|Err|dpkg)' "$log" | head -n 3)" "$hint" "The whole log: $log"
}
