#!/usr/bin/env bash
# Measures the release build side by side with psql on the tests' services; Tests/Speed/bench.py says what can be chosen by the environment.
# Without a choice, the way from ADQL to SQL is measured too, and the table goes to docs/speed.md when RECORD=1.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

settle .almagest-test
cd "$project"
find_swift
install_packages bench
for product in almagest encoder-speed query-speed; do
    build_swift "compiling" "$place_log/bench-build.log" --configuration release --product "$product"
done
[[ -n ${ONLY:-} ]] || .build/release/query-speed || slow="the query rooms miss a bar"
start_services fast "${ALMAGEST_TEST_DATABASE_URL:-}" "${ALMAGEST_TEST_REDIS_URL:-}"
trap stop_services EXIT
export ALMAGEST_TEST_DATABASE_URL=$database_url ALMAGEST_TEST_REDIS_URL=$redis_url
if [[ -z ${ALMAGEST_TEST_DATA:-} && -d $project/../shared/data/gaia/files ]]; then
    ALMAGEST_TEST_DATA=$(realpath "$project/../shared/data/gaia/files")
    export ALMAGEST_TEST_DATA
fi
make_python
[[ ${RECORD:-} != 1 ]] || export RECORD=docs/speed.md
[[ ${ONLY:-} == cutting ]] || "$python" Tests/Speed/bench.py </dev/null
[[ ${ONLY:-cutting} != cutting ]] || "$python" Tests/Speed/cutting.py </dev/null
[[ -z ${slow:-} ]] || fail "$slow."
