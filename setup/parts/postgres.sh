# shellcheck shell=bash
# The private PostgreSQL cluster: made once, reached over its Unix socket alone, by its owner and root alone. Sourced after processes.sh.

postgres_version=15
postgres_bin=/usr/lib/postgresql/$postgres_version/bin

# start_postgres durable|fast: sets database_url. "fast" gives up safety in a crash of the machine: for tests.
start_postgres() {
    local data=$place_data/postgres pidfile=$place/postgres.pid
    database_url="postgresql://almagest@/almagest?host=$place_run"
    if ours "$pidfile" "$data" >/dev/null; then
        postgres_answers || fail "PostgreSQL runs (pid $(head -n 1 "$pidfile")) but does not answer." "See $place_log/postgres.log, or: make stop"
        say "PostgreSQL is running already."
        return
    fi
    [[ -x $postgres_bin/postgres ]] || fail "PostgreSQL $postgres_version is missing." "apt-get install postgresql-$postgres_version"
    as_service test -f "$data/PG_VERSION" || make_cluster "$data"
    [[ $(as_service cat "$data/PG_VERSION") == "$postgres_version" ]] || fail \
        "the data in $data are of PostgreSQL $(as_service cat "$data/PG_VERSION"); this set-up runs $postgres_version." \
        "Move the folder away to start anew, or name your own server in ALMAGEST_DATABASE_URL."
    clear_stale_locks "$data"
    configure_postgres "$data" "$1"
    launch postgres "$data" "$pidfile" "${as_service[@]}" "$postgres_bin/postgres" -D "$data"
    await PostgreSQL postgres "$data" "$pidfile" postgres_answers
    psql_private -d postgres -c "SELECT 1 FROM pg_database WHERE datname = 'almagest'" | grep -q 1 ||
        psql_private -d postgres -c 'CREATE DATABASE almagest'
    say "PostgreSQL is up (socket in $place_run)."
}

stop_postgres() {
    end_process PostgreSQL "$place/postgres.pid" "$place_data/postgres" INT 60 || return 0
    rm -f "$place/postgres.pid"
    say "PostgreSQL has ended."
}

# A cluster is moved to its place when it is whole, so that a killed initdb leaves nothing that looks like one.
make_cluster() {
    local data=$1
    need_space "$place_data" 300 "a new PostgreSQL cluster"
    as_service rm -rf "$data.new"
    as_service "$postgres_bin/initdb" --pgdata="$data.new" --username=almagest --encoding=UTF8 --locale=C.UTF-8 \
        --auth=peer --data-checksums </dev/null >"$place_log/initdb.log" 2>&1 || fail "the PostgreSQL cluster could not be made." \
        "$(grep -iE 'error|could not|fatal' "$place_log/initdb.log" | tail -n 3)" "The whole log: $place_log/initdb.log"
    as_service mv "$data.new" "$data"
}

# PostgreSQL believes in a lock whose pid lives, whoever has that pid now. Its two locks are stale when nobody works in the
# data folder; the other one is that of the socket.
clear_stale_locks() {
    local tenths=100
    # After a kill -9 of the first process the others need a moment to notice.
    while inhabited "$1" >/dev/null; do
        ((tenths-- > 0)) || fail "PostgreSQL processes that 'make' did not start work in $1:" "pids $(inhabited "$1")" "End them, then try again."
        sleep 0.1
    done
    as_service rm -f "$1/postmaster.pid" "$place_run/.s.PGSQL.5432.lock"
}

inhabited() {
    local pids
    pids=$(as_service find /proc -maxdepth 2 -path '/proc/[0-9]*/cwd' -lname "$1" -printf '%h ' 2>/dev/null) || true
    [[ -n $pids ]] && echo "${pids//\/proc\//}"
}

# Who may connect: the operating system names the caller (peer), and only the cluster's owner, root and whoever made this
# call are known. Settings of one's own go to local.conf in the data folder and win.
configure_postgres() {
    local data=$1 memory user shared_memory=posix
    memory=$(megabytes_of MemTotal)
    # systemd removes an ordinary user's shared memory when that user logs out, and containers may give very little of it.
    ((EUID == 0)) && (($(df -Pm /dev/shm 2>/dev/null | awk 'NR == 2 { print $2 }') >= 256)) || shared_memory=mmap
    write "$data/pg_hba.conf" <<<"local all all peer map=almagest"
    for user in root "$service_user" "$(id -un)"; do
        echo "almagest \"$user\" almagest"
    done | sort -u | write "$data/pg_ident.conf"
    write "$data/postgresql.conf" <<END
# Written anew at each start. Your own settings belong into local.conf beside this file.
listen_addresses = ''
unix_socket_directories = '$place_run'
unix_socket_permissions = 0700
max_connections = $([[ $2 == durable ]] && echo 100 || echo 500)
shared_buffers = $(between 64 $((memory / 8)) 4096)MB
effective_cache_size = $(between 128 $((memory / 2)) 65536)MB
work_mem = $(between 4 $((memory / 400)) 64)MB
maintenance_work_mem = $(between 64 $((memory / 16)) 1024)MB
dynamic_shared_memory_type = $shared_memory
jit = off
random_page_cost = 1.1
wal_level = minimal
max_wal_senders = 0
max_logical_replication_workers = 0
wal_compression = on
max_wal_size = 2GB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] '
$([[ $2 == durable ]] || printf '%s = off\n' fsync synchronous_commit full_page_writes)
include_if_exists = 'local.conf'
END
}

between() { # LOWEST VALUE HIGHEST
    echo $(($2 < $1 ? $1 : $2 > $3 ? $3 : $2))
}

postgres_answers() {
    "$postgres_bin/pg_isready" --quiet --host="$place_run" --dbname=postgres --username=almagest
}

psql_private() {
    "$postgres_bin/psql" -XqAt -v ON_ERROR_STOP=1 --host="$place_run" --username=almagest "$@" </dev/null
}
