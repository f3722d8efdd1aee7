#!/usr/bin/env bash
# Brings up a working archive: installs, builds, starts the services, fills the demo collection (or the keyed HDF5 files
# of DATA=folder) and serves it on PORT. A second call takes the new build and keeps the data.

source "$(dirname "${BASH_SOURCE[0]}")/parts/all.sh"

host=${ALMAGEST_HTTP_HOST:-127.0.0.1}
port=${PORT:-${ALMAGEST_HTTP_PORT:-3000}}
export ALMAGEST_BASE_URL=${ALMAGEST_BASE_URL:-http://localhost:$port}
program=$project/.build/release/almagest

settle .almagest
export ALMAGEST_STATE_DIR=$place/state

# First everything that can fail at once.
files=()
if [[ -n ${DATA:-} ]]; then
    [[ -d $DATA && -r $DATA && -x $DATA ]] || fail "DATA=$DATA is not a folder that you can read." "make demo DATA=FOLDER, with CompleteSource_*.h5 and AstroElementary_*.h5 in it"
    shopt -s nullglob
    files=("$(realpath "$DATA")"/{CompleteSource,AstroElementary}_*.h5)
    shopt -u nullglob
    ((${#files[@]})) || fail "the folder $DATA holds neither CompleteSource_*.h5 nor AstroElementary_*.h5." "make demo without DATA makes files of its own."
fi
need_port "$port"
find_swift
install_packages build

if [[ -x $program ]]; then
    say "Building Almagest."
else
    say "Building Almagest. The first time it takes about four minutes on two cores."
fi
build_swift "compiling" "$place_log/build.log" --configuration release --product almagest

start_services durable "${ALMAGEST_DATABASE_URL:-}" "${ALMAGEST_REDIS_URL:-}"
export ALMAGEST_DATABASE_URL=$database_url ALMAGEST_REDIS_URL=$redis_url
stop_server
own_state
need_space "$place" 500 "the collection and its products"

if ((${#files[@]})); then
    say "Ingesting ${#files[@]} files from $DATA."
    "$program" ingest gaia "${files[@]}" </dev/null || fail "the files could not be ingested; the reason stands above."
else
    say "Filling the demo collection."
    "$program" demo --files "$place/files/gaia" </dev/null || fail "the demo collection could not be filled; the reason stands above."
fi

# It may have been taken while the compiler worked.
need_port "$port"
start_server "$program" "$host" "$port"
say "The archive serves."

cat <<END

  In a browser   $ALMAGEST_BASE_URL
  In TOPCAT      VO > Table Access Protocol (TAP) Query > TAP URL: $ALMAGEST_BASE_URL/tap
  The log        $place_log/serve.log
  To end it      make stop

  In Python (pip install pyvo h5py):

$(sed "s|http://localhost:3000|$ALMAGEST_BASE_URL|; s|^|    |" "$project/setup/notebook.py")

END
