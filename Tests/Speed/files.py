"""How fast a data file comes, beside nginx with sendfile on the same file, and what it costs the server in memory.

    python Tests/Speed/files.py http://localhost:3000/files/CompleteSource_130097_0003.h5 /data/CompleteSource_130097_0003.h5 [process id]

Needs nginx and curl. Both are asked in turn, the file being in the system's cache, so that the network and the reader are the same for both.
"""

import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time

NGINX = """
worker_processes auto; daemon off; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 256; }}
http {{
    sendfile on; tcp_nopush on; access_log off;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3; uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def fetch(url, expected):
    """Bytes per second, and seconds to the first byte."""
    told = subprocess.run(
        ["curl", "--noproxy", "*", "-sf", "-o", "/dev/null", "-w", "%{speed_download} %{time_starttransfer} %{size_download}", url],
        check=True, capture_output=True, text=True).stdout.split()
    assert int(told[2]) == expected, told
    return float(told[0]), float(told[1])


def memory(process):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path("/proc/{}/status".format(process)).read_text()).group(1)) / 1000


def main(url, path, process=None):
    path = pathlib.Path(path).resolve()
    size = path.stat().st_size
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        os.chmod(folder, 0o755)
        configuration = pathlib.Path(folder, "nginx.conf")
        configuration.write_text(NGINX.format(folder=folder, port=port, root=path.parent))
        nginx = subprocess.Popen(["nginx", "-c", str(configuration)])
        try:
            time.sleep(1)
            addresses = {"almagest": url, "nginx": "http://127.0.0.1:{}/{}".format(port, path.name)}
            for address in addresses.values():
                fetch(address, size)
            before = memory(process) if process else 0
            most = before
            runs = {name: [] for name in addresses}
            for _ in range(7):
                for name, address in addresses.items():
                    runs[name].append(fetch(address, size))
                    most = max(most, memory(process) if process else 0)
        finally:
            nginx.terminate()
            nginx.wait()
    speeds = {name: statistics.median(run[0] for run in found) for name, found in runs.items()}
    for name, speed in speeds.items():
        print("{:9} {:8.0f} MB/s, first byte after {:.1f} ms".format(name, speed / 1e6, 1000 * statistics.median(run[1] for run in runs[name])))
    print("ratio     {:8.2f}".format(speeds["almagest"] / speeds["nginx"]))
    if process:
        print("memory    {:+8.1f} MB over {:.0f} MB".format(most - before, before))


if __name__ == "__main__":
    main(*sys.argv[1:])
