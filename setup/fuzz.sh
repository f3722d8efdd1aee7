#!/usr/bin/env bash
# Gives N changed queries to the parser (10 million unless N says otherwise), and keeps those that do harm in adql/corpus/found.
# SEED chooses which; the same seed gives the same queries.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

settle .almagest-test
find_swift
install_packages build
build_swift "compiling" "$place_log/fuzz-build.log" --configuration release --product fuzz-queries
nice -n 10 "$project/.build/release/fuzz-queries" "${N:-10000000}" "${SEED:-1}"
