# shellcheck shell=bash
# The Python of the outside judges: a virtual environment in .venv with pyvo, astropy and h5py. Sourced after places.sh.

# make_python: sets python. Made anew when the list of packages changes.
make_python() {
    local list=$project/Tests/Clients/requirements.txt stamp=$project/.venv/requirements.txt maker=/usr/bin/python3
    python=$project/.venv/bin/python
    if cmp -s "$list" "$stamp" && "$python" -c '' 2>/dev/null; then
        return
    fi
    say "Making a Python environment in .venv: $(grep -oE '^[a-z0-9]+' "$list" | paste -sd ' ')"
    [[ -x $maker ]] || maker=python3
    "$maker" -m venv --clear "$project/.venv" >"$place_log/venv.log" 2>&1 ||
        fail "the Python environment could not be made." "$(tail -n 2 "$place_log/venv.log")" "apt-get install python3-venv"
    waiting_for "pip" "$place_log/pip.log" "$python" -m pip install --disable-pip-version-check --requirement "$list" ||
        fail "the Python packages of the tests could not be installed." "$(grep -E '^ERROR' "$place_log/pip.log" | head -n 2)" \
            "Check the network. The whole log: $place_log/pip.log"
    cp "$list" "$stamp"
}
