#!/bin/sh
# Tell people what report.sh wrote: the comment on the pull request and, where a robot's address is set, its first line.
#
#   pipelines/steps/tell.sh STACK
#
# Reads $REPORTS/report-STACK.md and .line, and runs none of the branch's code. Tokens come from the environment.
set -eu

stack=${1:?'usage: pipelines/steps/tell.sh STACK'}
report=${REPORTS:-reports}/report-$stack

scripts/ackp comment "$stack" "$report.md"
if [ -n "${ACKP_WEBHOOK_URL-}" ]; then
    scripts/ackp notify - <"$report.line"
fi
