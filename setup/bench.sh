#!/usr/bin/env bash
# Measures the way from ADQL to SQL, then the release build against raw COPY, and one request for five sources, on the tests' services.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

settle .almagest-test
cd "$project"
find_swift
install_packages tests
build_swift "compiling" "$place_log/bench-build.log" --configuration release --product almagest
build_swift "compiling" "$place_log/bench-build.log" --configuration release --product query-speed
.build/release/query-speed || slow="the query rooms miss a bar"
start_services fast "${ALMAGEST_TEST_DATABASE_URL:-}" "${ALMAGEST_TEST_REDIS_URL:-}"
trap stop_services EXIT
export ALMAGEST_TEST_DATABASE_URL=$database_url ALMAGEST_TEST_REDIS_URL=$redis_url
if [[ -z ${ALMAGEST_TEST_DATA:-} && -d $project/../shared/data/gaia/files ]]; then
    ALMAGEST_TEST_DATA=$(realpath "$project/../shared/data/gaia/files")
    export ALMAGEST_TEST_DATA
fi
make_python
[[ ${ONLY:-speed} != speed ]] || "$python" Tests/Speed/speed.py </dev/null
[[ ${ONLY:-cutting} != cutting ]] || "$python" Tests/Speed/cutting.py </dev/null
[[ -z ${slow:-} ]] || fail "$slow."
