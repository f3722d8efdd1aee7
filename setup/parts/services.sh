# shellcheck shell=bash
# Database and Redis of a place: the private ones, or those that the environment names. Sourced after postgres.sh and redis.sh.

# start_services durable|fast DATABASE_URL REDIS_URL: an empty URL means a private service. Sets database_url and redis_url.
start_services() {
    local safety=$1
    database_url=$2 redis_url=$3
    lock
    [[ -n $database_url && -n $redis_url ]] || settle_services
    if [[ -n $database_url ]]; then
        say "The database is the environment's."
        psql -XqAt --dbname="$database_url" -c 'SELECT 1' </dev/null >/dev/null 2>"$place_log/psql.log" ||
            fail "the database of the environment does not answer:" "$(head -n 3 "$place_log/psql.log")" "Start it, or correct or unset its URL."
    else
        start_postgres "$safety"
    fi
    if [[ -n $redis_url ]]; then
        # Almagest itself says how Redis is, and works without it.
        say "Redis is the environment's."
    else
        start_redis
    fi
    unlock
}

# stop_services: ends what start_services started in this place.
stop_services() {
    [[ -e $place/data || -L $place/data ]] || return 0
    lock
    settle_services
    stop_redis
    stop_postgres
    unlock
}
