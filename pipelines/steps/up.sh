#!/bin/sh
# `pulumi up`, and what to do where the state does not let it begin.
#
#   pipelines/steps/up.sh STACK
#   pipelines/steps/up.sh STACK --release  a lock whose owner was a process of this machine, and has ended, is given back
#
# Exit code: 0 done; 75 somebody holds the stack, who is told; 76 operations are pending, before or after it, and how to
# mend them is told; else that of `pulumi up`. With 75, and with 76 before it, nothing was changed.
set -eu

usage='usage: pipelines/steps/up.sh STACK [--release]'
stack=${1:?"$usage"}
case ${2-} in
'' | --release) ;;
*)
    echo "$usage" >&2
    exit 2
    ;;
esac
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
steps=$root/pipelines/steps

said=$(mktemp)
trap 'rm -f "$said"' EXIT
# Who aborts a job sends this to every process of it. The engine then ends what is in flight and records it; this step
# waits for that, since whoever kills the engine in the meantime leaves a lock and an operation that nobody confirmed.
trap : INT TERM

up() {
    code=0
    # The preview was in the report that people approved; without one in here a lock is met before the program runs.
    pulumi up --stack "$stack" --yes --skip-preview --non-interactive --suppress-outputs 2>"$said" || code=$?
    cat "$said" >&2
}

"$steps/state.sh" "$stack"
up
if [ "$code" -ne 0 ] && grep -q 'the stack is currently locked by' "$said"; then
    "$root/scripts/venv" python -m pipelines.state locks "$stack" "$said" || exit
    [ "${2-}" = --release ] || exit 75
    pulumi cancel --yes --stack "$stack"
    "$steps/state.sh" "$stack"
    up
fi
if [ "$code" -ne 0 ]; then
    left=0
    "$steps/state.sh" "$stack" || left=$?
    [ "$left" -ne 76 ] || code=76
fi
exit "$code"
