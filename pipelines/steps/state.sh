#!/bin/sh
# Whether the state lets `pulumi up` begin: no operation is pending in it, which a killed run leaves.
#
#   pipelines/steps/state.sh STACK
#
# Exit code: 0 it does; 76 operations are pending, each with how to mend it; else that of `pulumi stack export`.
set -eu

stack=${1:?'usage: pipelines/steps/state.sh STACK'}
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)

# Secrets in it are encrypted; settings in plain text are not, so it is no artifact.
state=$(mktemp)
trap 'rm -f "$state"' EXIT
pulumi stack export --stack "$stack" >"$state"
"$root/scripts/venv" python -m pipelines.state pending "$stack" "$state"
