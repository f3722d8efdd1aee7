#!/usr/bin/env bash
# Has TOPCAT itself use the archive that `make demo` serves, on a screen without a monitor; pictures land in .almagest-test/topcat.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

settle .almagest-test
cd "$project"
install_packages desktop
make_python
"$python" Tests/Clients/topcat.py "http://localhost:${PORT:-3000}" "$place/topcat" </dev/null
say "Pictures: $place/topcat"
