#!/usr/bin/env bash
# usage: with-engine.sh COMMAND...   runs COMMAND where DOCKER_HOST leads to a container engine.
#
# That is Docker where its daemon answers. Elsewhere podman is started behind the same interface, with its images,
# containers and networks in STACK_STATE, and the public images that compose.yaml names are rebuilt from Debian's
# packages (stand-in-images.sh). Everything that was started is ended; STACK_STATE keeps the images for the next time.
# Needs root and, without Docker: podman runc netavark aardvark-dns iptables catatonit mmdebstrap.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

if command -v docker >/dev/null && docker version >/dev/null 2>&1; then
    exec "$@"
fi

state=${STACK_STATE:-/var/tmp/sentiment-stack}
mkdir -p "$state"
exec 9>"$state/lock"
flock -n 9 || { echo "with-engine.sh: $state is in use by another run; set STACK_STATE to a folder of its own." >&2; exit 1; }
for program in podman runc mmdebstrap; do
    command -v "$program" >/dev/null || {
        echo "with-engine.sh: there is neither a Docker daemon nor $program. As root on Debian: apt-get install" \
            "--no-install-recommends podman runc netavark aardvark-dns iptables catatonit mmdebstrap" >&2
        exit 1
    }
done

# The two limits: without them the engine asks for more than a root without CAP_SYS_RESOURCE may have.
nofile=$(ulimit -Hn)
nproc=$(cat /proc/sys/kernel/pid_max)
cat >"$state/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=$nofile:$nofile", "nproc=$nproc:$nproc"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "$state/tmp"
[network]
network_backend = "netavark"
network_config_dir = "$state/networks"
CONF
cat >"$state/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$state/storage"
runroot = "$state/run"
CONF
export CONTAINERS_CONF=$state/containers.conf CONTAINERS_STORAGE_CONF=$state/storage.conf
export DOCKER_HOST=unix://$state/podman.sock
export DOCKER_BUILDKIT=0 # BuildKit is itself an image, and comes from a registry

rm -f "$state/podman.sock" # of a run that was killed

started=()
end_all() {
    podman rm --all --force --time 5 >/dev/null 2>&1 || true
    podman network prune --force >/dev/null 2>&1 || true
    podman volume prune --force >/dev/null 2>&1 || true
    for process in "${started[@]}"; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true; done
    pkill --signal KILL --full "^/usr/bin/conmon .*$state/" || true # each exec leaves one behind for minutes
    umount "$state/storage/overlay" 2>/dev/null || true
}
trap end_all EXIT
trap 'exit 130' INT TERM

"$here/stand-in-images.sh"
podman system service --time=0 "$DOCKER_HOST" >"$state/service.log" 2>&1 9>&- &
started+=($!)

# Podman leaves the clock of health checks to systemd; without it a container would be "starting" for ever. Its own
# intervals are ignored here: retries are rounds of this loop.
(
    while sleep 1; do
        podman ps -q --filter health=starting --filter health=healthy --filter health=unhealthy |
            xargs -r -n1 podman healthcheck run || true
    done
) >/dev/null 2>&1 9>&- &
started+=($!)

for _ in $(seq 100); do
    [ -S "$state/podman.sock" ] && break
    sleep 0.1
done
"$@"
