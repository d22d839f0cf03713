#!/bin/sh
# The image of a service, built and pushed under its two tags: in the service's repository, after verify.sh.
#
#   pipelines/steps/image.sh SERVICE PROFILE REGISTRY JAR
#
# REGISTRY is the host and the namespace: the image is REGISTRY/SERVICE, its tags {PROFILE}-{pom version}-{commit}-{time}
# and {PROFILE}-latest. It logs in first, by login.sh. $BASE_IMAGE is another base than the Dockerfile's, $POM another
# pom.xml than the one here.
#
# Writes $REPORTS/image-SERVICE-PROFILE: the image by its first tag, for propose.sh.
#
# Exit code: 0 pushed; 1 the version is none that a tag can have; 2 wrong usage; else that of Maven, git or docker.
set -eu

usage='usage: pipelines/steps/image.sh SERVICE PROFILE REGISTRY JAR'
[ $# -eq 4 ] && [ -f "$4" ] || {
    echo "$usage" >&2
    [ $# -lt 4 ] || echo "JAR must be one file; it is: $(shift 3 && echo "$*")" >&2
    exit 2
}
service=$1 profile=$2 registry=$3 jar=$4
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
out=${REPORTS:-reports}
mkdir -p "$out"

context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
# Into a file: among what Maven prints there may be codes of colours.
mvn --batch-mode --quiet --file "${POM:-pom.xml}" help:evaluate -Dexpression=project.version "-Doutput=$context/version"
version=$(cat "$context/version")
rm "$context/version"
printf '%s\n' "$version" | grep -Eqx '[0-9][0-9A-Za-z.]*(-(SNAPSHOT|RELEASE|RC[0-9]*|M[0-9]*))?' || {
    echo "the pom's version is \"$version\": it must be one as 1.4.0, 1.4.0-SNAPSHOT or 1.4.0-RC1, to stand in a tag" >&2
    exit 1
}
commit=$(git rev-parse HEAD)
image=$registry/$service
built=$image:$profile-$version-$(printf '%.8s' "$commit")-$(date -u +%Y%m%dT%H%M%S)

"$root/pipelines/steps/login.sh" "${registry%%/*}"

# The builder is sent a folder with the image's own files and the jar, and nothing else of the repository.
cp "$root/image/Dockerfile" "$root/image/start.sh" "$root/image/.dockerignore" "$jar" "$context"
set -- --build-arg "VERSION=$version" --build-arg "REVISION=$commit" --build-arg "CREATED=$(date -u +%Y-%m-%dT%H:%M:%SZ)"
[ -z "${BASE_IMAGE-}" ] || set -- "$@" --build-arg "BASE_IMAGE=$BASE_IMAGE"
(
    cd "$context"
    # Without the builder's attestations: registries of ACR refuse their media type.
    export DOCKER_BUILDKIT=1 BUILDX_NO_DEFAULT_ATTESTATIONS=1
    docker build --build-arg PROFILE="$profile" --build-arg SERVICE="$service" --build-arg JAR_FILE="$(basename "$jar")" \
        "$@" -f Dockerfile . -t "$built" -t "$image:$profile-latest"
)
# The tag that moves goes last: what it names is then there under its own name too.
docker push "$built"
docker push "$image:$profile-latest"
printf '%s\n' "$built" >"$out/image-$service-$profile"
echo "pushed $built"
