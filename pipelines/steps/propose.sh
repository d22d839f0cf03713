#!/bin/sh
# A pull request that edits a stack's file by `ackp`: in a clone of this repository that may push.
#
#   pipelines/steps/propose.sh STACK set-image SERVICE [OPTION...]  by `ackp set-image SERVICE --stack STACK OPTION...`
#   pipelines/steps/propose.sh STACK promote SERVICE [OPTION...]    by `ackp promote SERVICE --to STACK OPTION...`
#
# Its branch is ackp/STACK-SERVICE, which begins anew each time at $COMMIT, else at the newest of the branch $BASE (main):
# there is one open pull request for a service of a stack, with the newest image. Who asks for it, and where, is said by
# the variables that `ackp comment` reads, but for the number. Nothing that changes: no pull request, and exit code 0.
set -eu

usage='usage: pipelines/steps/propose.sh STACK set-image|promote SERVICE [OPTION...]'
[ $# -ge 3 ] || {
    echo "$usage" >&2
    exit 2
}
stack=$1 command=$2 service=$3
shift 3
case $command in
set-image) set -- set-image "$service" --stack "$stack" "$@" ;;
promote) set -- promote "$service" --to "$stack" "$@" ;;
*)
    echo "$usage" >&2
    exit 2
    ;;
esac
cd "$(dirname -- "$0")/../.."
file=Pulumi.$stack.yaml
base=${BASE:-main}
branch=ackp/$stack-$service

git fetch --quiet origin "$base"
git switch --quiet --force-create "$branch" "${COMMIT:-FETCH_HEAD}"
scripts/ackp "$@"
if git diff --quiet -- "$file"; then
    echo "$stack: nothing to propose for $service"
    exit 0
fi
title="$stack: another image of $service"
git -c user.name="${GIT_AUTHOR_NAME:-ackp}" -c user.email="${GIT_AUTHOR_EMAIL:-ackp@localhost}" \
    commit --quiet --message "$title" -- "$file"
git push --quiet --force origin "HEAD:refs/heads/$branch"
text=$(mktemp)
trap 'rm -f "$text"' EXIT
{
    echo '~~~diff'
    git show --format= HEAD
    echo '~~~'
} >"$text"
scripts/venv python -m pipelines.proposal "$branch" --base "$base" --title "$title" --text "$text"
