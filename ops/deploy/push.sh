#!/usr/bin/env bash
# Builds the images of the commit that is checked out and pushes them: push.sh REPOSITORY. Says which they are by
# digest, as deploy.py takes them. Tags are immutable, so what is there already is not built again.
set -euo pipefail
cd "$(dirname "$0")/../.."
repository=$1

push() { # VARIABLE TAG CONTEXT DOCKERFILE
    local image=$repository:$2
    if ! docker buildx imagetools inspect "$image" >/dev/null 2>&1; then
        docker build --quiet --tag "$image" --file "$4" "$3" >&2
        docker push --quiet "$image" >&2
    fi
    local digest
    digest=$(docker buildx imagetools inspect "$image" --format '{{.Manifest.Digest}}')
    echo "$1=$repository@$digest"
}

beside=$(git rev-parse HEAD:ops/docker) # what the images of other makers are made of
push API_IMAGE "api-$(git rev-parse HEAD)" . ops/docker/Dockerfile
push MLFLOW_IMAGE "mlflow-$beside" ops/docker ops/docker/mlflow.Dockerfile
push CADDY_IMAGE "caddy-$beside" ops/docker ops/docker/caddy.Dockerfile
