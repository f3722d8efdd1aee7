#!/usr/bin/env bash
# Runs every test: style, the Swift tests on a real PostgreSQL, Redis and HDF5, then the outside judges (pyvo, astropy,
# h5py, stilts, a browser) on a served archive. The services are the tests' own, or those that ALMAGEST_TEST_DATABASE_URL
# and ALMAGEST_TEST_REDIS_URL name. The last line counts.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

stage() {
    printf '\n'
    say "== $* =="
}

settle .almagest-test
cd "$project"
reports=$place/reports
rm -rf "$reports"
mkdir -p "$reports"
failed_stages=()

stage "Packages"
find_swift
install_packages tests

stage "Style"
setup/lint.sh

stage "Build"
build_swift "compiling" "$place_log/build.log" --build-tests --explicit-target-dependency-import-check error

stage "Services"
was_running=no
[[ ! -e $place/data ]] || ! (settle_services && ours "$place/postgres.pid" "$place_data/postgres") >/dev/null || was_running=yes
[[ $was_running == yes ]] || trap stop_services EXIT
start_services fast "${ALMAGEST_TEST_DATABASE_URL:-}" "${ALMAGEST_TEST_REDIS_URL:-}"
export ALMAGEST_TEST_DATABASE_URL=$database_url ALMAGEST_TEST_REDIS_URL=$redis_url
if [[ -z ${ALMAGEST_TEST_DATA:-} && -d $project/../shared/data/gaia/files ]]; then
    ALMAGEST_TEST_DATA=$(realpath "$project/../shared/data/gaia/files")
    export ALMAGEST_TEST_DATA
fi
say "Real files: ${ALMAGEST_TEST_DATA:-none here, the demo collection stands in}"

stage "Swift tests"
swift test --skip-build --xunit-output "$reports/swift.xml" </dev/null 2>&1 | { grep -v --line-buffered '^◇' || true; } || failed_stages+=("Swift tests")

stage "Outside judges"
make_python
"$python" -m pytest Tests/Setup Tests/Clients -ra --durations=5 --junitxml "$reports/clients.xml" </dev/null || failed_stages+=("outside judges")

[[ $was_running == yes ]] || stop_services
trap - EXIT

stage "Result"
"$python" setup/parts/count.py "$reports"/*.xml || failed_stages+=("count")
((${#failed_stages[@]} == 0)) || fail "not all is well: ${failed_stages[*]}."
