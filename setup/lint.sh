#!/usr/bin/env bash
# Checks the style of the Swift files, and of the shell scripts where shellcheck is installed.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

cd "$project"
find_swift
folders=()
for folder in Package.swift Sources Tests adql tap_schema; do
    [[ ! -e $folder ]] || folders+=("$folder")
done
swift format lint --strict --recursive --configuration .swift-format "${folders[@]}" ||
    fail "the style of some Swift files differs." "swift format --in-place --recursive --configuration .swift-format ${folders[*]}"
if command -v shellcheck >/dev/null; then
    shellcheck setup/*.sh setup/parts/*.sh .ci/run || fail "shellcheck has remarks."
fi
for folder in Tests/*Tests; do
    grep --quiet "\"$(basename "$folder")\"" Package.swift || fail "$folder is not among the tests of Package.swift, so nobody runs it."
done
