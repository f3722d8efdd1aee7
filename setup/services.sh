#!/usr/bin/env bash
# Starts the private PostgreSQL and Redis: of the archive (services.sh), or of the tests (services.sh test).
# Prints the settings under which a shell finds them; the same lines stand in .almagest/environment.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

case ${1:-archive} in
archive)
    settle .almagest
    install_packages services
    start_services durable "${ALMAGEST_DATABASE_URL:-}" "${ALMAGEST_REDIS_URL:-}"
    prefix=ALMAGEST
    ;;
test)
    settle .almagest-test
    install_packages services
    start_services fast "${ALMAGEST_TEST_DATABASE_URL:-}" "${ALMAGEST_TEST_REDIS_URL:-}"
    prefix=ALMAGEST_TEST
    ;;
*) fail "unknown kind of services: $1" "services.sh [archive|test]" ;;
esac

{
    printf 'export %s_DATABASE_URL=%q\n' "$prefix" "$database_url"
    printf 'export %s_REDIS_URL=%q\n' "$prefix" "$redis_url"
    [[ $prefix != ALMAGEST ]] || printf 'export ALMAGEST_STATE_DIR=%q\n' "$place/state"
} | tee "$place/environment"
