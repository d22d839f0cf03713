#!/bin/sh
# The report of what a stack's pull request does: report-STACK.md and report-STACK.json in $OUT.
#
#   pipelines/steps/report.sh STACK            from `pulumi preview` of the real account, by a read-only identity
#   pipelines/steps/report.sh STACK --sandbox  in the sandbox, against what $BASE (a commit) makes there: no credentials
#
# Exit code: that of `ackp report`.
set -eu

usage='usage: pipelines/steps/report.sh STACK [--sandbox]'
stack=${1:?"$usage"}
out=${OUT:-reports}
mkdir -p "$out"

case ${2-} in
--sandbox)
    if [ -n "${BASE-}" ]; then
        git worktree add --quiet --detach "$out/base" "$BASE"
        # One sandbox for both checkouts.
        ACKP_SANDBOX=${ACKP_SANDBOX:-$PWD/$out/sandbox}
        export ACKP_SANDBOX
        if [ -f "$out/base/Pulumi.$stack.yaml" ]; then
            "$out/base/scripts/ackp" up --stack "$stack" >"$out/base.log" || {
                tail -n 20 "$out/base.log" >&2
                exit 1
            }
        fi
        git worktree remove --force "$out/base"
    fi
    set -- "$stack"
    ;;
'')
    # It holds settings in plain text, so it stays in a folder of this run and is no artifact.
    preview=$(mktemp)
    trap 'rm -f "$preview"' EXIT
    # A failed preview has a report too: what failed.
    pulumi preview --json --non-interactive --stack "$stack" >"$preview" || true
    set -- "$stack" --preview "$preview"
    ;;
*)
    echo "$usage" >&2
    exit 2
    ;;
esac

code=0
scripts/ackp report "$@" --format json --out "$out/report-$stack.json" || code=$?
scripts/ackp report "$@" --format markdown --out "$out/report-$stack.md" || code=$?
exit "$code"
