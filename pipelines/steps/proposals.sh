#!/bin/sh
# Pull requests for all services of a stack whose image is to be another: in a clone of this repository that may push.
#
#   pipelines/steps/proposals.sh STACK               the newest build of each, as the registry has it
#   pipelines/steps/proposals.sh STACK --from OTHER  the image of the stack OTHER, where STACK has another
#
# With --from, a pull request begins at the commit that is checked out here, whose images were tried, and not at what
# was merged since. A service that cannot be given an image does not keep the others from theirs.
#
# Exit code: 0 all that differs is proposed; 1 something is not, and why stands in the log; 2 wrong usage.
set -eu

usage='usage: pipelines/steps/proposals.sh STACK [--from OTHER]'
stack=${1:?"$usage"}
case "$#${2-}" in
1) ;;
3--from)
    set -- "$stack" --compare "$3"
    COMMIT=$(git rev-parse HEAD)
    export COMMIT
    ;;
*)
    echo "$usage" >&2
    exit 2
    ;;
esac
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)

listed=$("$root/scripts/ackp" images "$@" --json)
# A service that OTHER does not run has no image there.
services=$(printf '%s' "$listed" | "$root/scripts/venv" python -c '
import json, sys
for each in json.load(sys.stdin)["images"]:
    if not each.get("same") and not each.get("note", "").startswith("not in "):
        print(each["service"])')
code=0
for service in $services; do
    if [ $# -eq 1 ]; then
        "$root/pipelines/steps/propose.sh" "$stack" set-image "$service" --from-registry || code=1
    else
        "$root/pipelines/steps/propose.sh" "$stack" promote "$service" --from "$3" || code=1
    fi
done
exit "$code"
