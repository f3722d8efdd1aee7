#!/usr/bin/env bash
# Ends everything and removes what can be made again: builds, the Python environment, the tests' services.
# The archive's own data in .almagest stay.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

"$project/setup/stop.sh"
tests=$project/.almagest-test
if [[ -L $tests/data && $(readlink "$tests/data") == /var/lib/almagest.* ]]; then
    rm -rf "$(readlink "$tests/data")"
fi
if [[ -L $tests/run ]]; then
    rm -rf "$(readlink "$tests/run")"
fi
rm -rf "$tests" "$project/.build" "$project/.venv"
if [[ -d $project/.almagest ]]; then
    say "The archive's data stay in $project/.almagest; to give them up: rm -r '$(readlink -m "$project/.almagest/data")' '$project/.almagest'"
fi
