#!/usr/bin/env bash
# Builds the release of the program, with the packages that it needs.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

settle .almagest
find_swift
install_packages build
build_swift "compiling" "$place_log/build.log" --configuration release --product almagest
say "The program: $project/.build/release/almagest"
