# shellcheck shell=bash
# The served archive: `almagest serve` in the background. Sourced after processes.sh.

# start_server PROGRAM HOST PORT: serves until stop_server, with the settings that the environment holds.
start_server() {
    local program=$1 host=$2 port=$3
    own_state
    ALMAGEST_HTTP_HOST=$host ALMAGEST_HTTP_PORT=$port launch serve "$place/state" "$place/serve.pid" "$program" serve
    await "the archive" serve "$place/state" "$place/serve.pid" \
        curl --noproxy '*' --silent --fail --max-time 5 --output /dev/null "http://$(reachable "$host"):$port/tap/availability"
}

stop_server() {
    [[ -d $place/state ]] || return 0
    end_process "the archive" "$place/serve.pid" "$(readlink -f "$place/state")" TERM 30 || return 0
    rm -f "$place/serve.pid"
    say "The archive has ended."
}

own_state() {
    mkdir -p "$place/state"
    chmod 700 "$place/state"
}

# need_port PORT: fails when somebody else listens there; our own server, which will be restarted, may.
need_port() {
    local port=$1 holder server
    if ! [[ $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then
        fail "PORT=$port is not a port number." "Choose one from 1024 to 65535: make demo PORT=3001"
    fi
    if ((port < 1024 && EUID != 0)) && ((port < $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start 2>/dev/null || echo 1024))); then
        fail "port $port may be opened by root only." "Choose one from 1024 to 65535: make demo PORT=3001"
    fi
    if server=$(ours "$place/serve.pid" "$(readlink -m "$place/state")") && tr '\0' '\n' <"/proc/$server/environ" | grep -qx "ALMAGEST_HTTP_PORT=$port"; then
        return
    fi
    holder=$(port_holder "$port") || return 0
    fail "port $port is taken by $holder." "End that program, or choose another port: make demo PORT=$((port == 65535 ? 3001 : port + 1))"
}

# port_holder PORT: who listens there, as far as the system tells; fails when nobody does.
port_holder() {
    local socket process
    socket=$(awk -v port="$(printf ':%04X' "$1")" '$4 == "0A" && substr($2, length($2) - 4) == port { print $10; exit }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
    [[ -n $socket ]] || return 1
    process=$(find /proc -maxdepth 3 -path '/proc/[0-9]*/fd/*' -lname "socket:\[$socket\]" 2>/dev/null | grep -oE -m 1 '[0-9]+' | head -n 1) || true
    if [[ -n $process ]]; then
        echo "$(cat "/proc/$process/comm") (pid $process)"
    else
        echo "a program of another user"
    fi
}

# Where to knock: a server that listens everywhere has no address of that name.
reachable() {
    case $1 in
    0.0.0.0) echo 127.0.0.1 ;;
    ::) echo '[::1]' ;;
    *:*) echo "[$1]" ;;
    *) echo "$1" ;;
    esac
}
