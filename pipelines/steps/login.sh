#!/bin/sh
# Log in to a registry as $REGISTRY_USERNAME with $REGISTRY_PASSWORD, for the builder and for `ackp`.
#
#   pipelines/steps/login.sh HOST
#
# $DOCKER_CONFIG is the folder where the login is kept. Without $REGISTRY_USERNAME nothing is done: the login that is
# there already, or a credential helper's, is used.
set -eu

host=${1:?'usage: pipelines/steps/login.sh HOST'}
[ -n "${REGISTRY_USERNAME-}" ] || exit 0
printf '%s' "$REGISTRY_PASSWORD" | docker login --username "$REGISTRY_USERNAME" --password-stdin "$host"
