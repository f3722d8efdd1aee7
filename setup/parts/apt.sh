#!/usr/bin/env bash
# Installs the named Debian packages, as root, and keeps them from leaving servers behind that nobody asked for:
# Almagest runs a PostgreSQL and a Redis of its own, so the packages' system-wide ones are neither started nor kept.

set -euo pipefail
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
had_cluster=no
[[ ! -e /etc/postgresql/15/main && ! -e /var/lib/postgresql/15/main ]] || had_cluster=yes
had_redis=no
[[ ! -e /usr/bin/redis-server ]] || had_redis=yes

apt-get update
apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"

if [[ $had_cluster == no && -e /etc/postgresql/15/main ]]; then
    pg_dropcluster 15 main
fi
if [[ $had_redis == no && -e /usr/bin/redis-server ]] && command -v systemctl >/dev/null; then
    systemctl disable redis-server
fi
