#!/usr/bin/env bash
# Ends the served archive and the private services, those of the tests too: exactly the processes that set-up started.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

for name in .almagest .almagest-test; do
    [[ -d $project/$name ]] || continue
    settle "$name"
    stop_server
    stop_services
done
say "Nothing of Almagest runs here. The data are kept."
