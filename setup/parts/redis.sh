# shellcheck shell=bash
# The private Redis: reached over its Unix socket alone, by its owner and root alone. Sourced after processes.sh.

# start_redis: sets redis_url.
start_redis() {
    local data=$place_data/redis pidfile=$place/redis.pid socket=$place_run/redis.sock memory
    redis_url=unix://$socket
    if ours "$pidfile" "$data" >/dev/null; then
        redis_answers "$socket" || fail "Redis runs (pid $(head -n 1 "$pidfile")) but does not answer." "See $place_log/redis.log, or: make stop"
        say "Redis is running already."
        return
    fi
    command -v redis-server >/dev/null || fail "Redis is missing." "apt-get install redis-server"
    own_folder "$data"
    memory=$(($(megabytes_of MemTotal) / 32))
    # Everything in it has a time to live; what would end soonest goes first when memory is short. Saved when it ends.
    write "$data/redis.conf" <<END
port 0
unixsocket $socket
unixsocketperm 700
dir "$data"
save 900 1
maxmemory $((memory < 64 ? 64 : memory > 1024 ? 1024 : memory))mb
maxmemory-policy volatile-ttl
END
    launch redis "$data" "$pidfile" "${as_service[@]}" redis-server "$data/redis.conf"
    await Redis redis "$data" "$pidfile" redis_answers "$socket"
    say "Redis is up (socket $socket)."
}

stop_redis() {
    end_process Redis "$place/redis.pid" "$place_data/redis" TERM 30 || return 0
    rm -f "$place/redis.pid"
    say "Redis has ended."
}

redis_answers() {
    [[ $(redis-cli -s "$1" ping 2>/dev/null) == PONG ]]
}
