#!/bin/sh
# The report of what a stack's pull request does: report-STACK.md, .json and .line in $REPORTS.
#
#   pipelines/steps/report.sh STACK            from `pulumi preview` of the real account, by a read-only identity
#   pipelines/steps/report.sh STACK --sandbox  in the sandbox, against what $BASE (a commit) makes there: no credentials
#
# Exit code: that of `ackp report`.
set -eu

usage='usage: pipelines/steps/report.sh STACK [--sandbox]'
stack=${1:?"$usage"}
out=${REPORTS:-reports}
mkdir -p "$out"
rm -f "$out/report-$stack".*

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
    # What failed stands in the preview too, and the report says it.
    pulumi preview --json --show-sames --non-interactive --stack "$stack" >"$preview" || true
    set -- "$stack" --preview "$preview"
    ;;
*)
    echo "$usage" >&2
    exit 2
    ;;
esac

code=0
said=$out/report-$stack.log
scripts/ackp report "$@" --out "$out/report-$stack.json" --out "$out/report-$stack.md" \
    >"$out/report-$stack.line" 2>"$said" || code=$?
cat "$said" >&2
if [ ! -s "$out/report-$stack.line" ]; then
    echo "$stack: there is no report" >"$out/report-$stack.line"
    {
        echo "**$stack: there is no report**"
        printf '\n~~~text\n'
        cat "$said"
        echo '~~~'
    } >"$out/report-$stack.md"
fi
exit "$code"
