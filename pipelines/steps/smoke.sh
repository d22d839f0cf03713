#!/bin/sh
# Wait until a service answers through its ALB host: three answers 200 in a row, a second apart.
#
#   pipelines/steps/smoke.sh HOST PATH [SECONDS]   asks https://HOST/PATH, for at most 300 seconds if none are said
#
# $SMOKE_ADDRESS is the ALB's own address, with :PORT where it is not 443, while the host's DNS record is not there yet;
# the certificate must be the host's all the same. A redirect is not followed: it is not 200.
#
# Exit code: 0 it answers; 1 not in time, or its certificate is wrong, which waiting does not mend.
set -eu

usage='usage: pipelines/steps/smoke.sh HOST PATH [SECONDS]'
host=${1:?"$usage"}
path=${2:?"$usage"}
seconds=${3:-300}
case $seconds in
*[!0-9]*) echo "$usage" >&2 && exit 2 ;;
esac
case $path in
/*) ;;
*) path=/$path ;;
esac
wanted=3

set -- --silent --show-error --output /dev/null --write-out '%{http_code}' --connect-timeout 5 --max-time 10
if [ -n "${SMOKE_ADDRESS-}" ]; then
    case $SMOKE_ADDRESS in
    *:*) set -- "$@" --connect-to "::$SMOKE_ADDRESS" ;;
    *) set -- "$@" --connect-to "::$SMOKE_ADDRESS:443" ;;
    esac
fi

problem=$(mktemp)
trap 'rm -f "$problem"' EXIT
until=$(($(date +%s) + seconds))
good=0
before=
while :; do
    failed=0
    answer=$(curl "$@" "https://$host$path" 2>"$problem") || failed=$?
    [ "$failed" -eq 0 ] || answer=$(head -n 1 "$problem")
    if [ "$answer" != "$before" ]; then
        echo "$(date -u +%H:%M:%SZ) $host$path: $answer"
        before=$answer
    fi
    if [ "$failed" -eq 60 ]; then
        echo "$host: its certificate is not accepted; look at the listener's, or at ingress.tls of the service" >&2
        exit 1
    fi
    if [ "$answer" = 200 ]; then
        good=$((good + 1))
        [ "$good" -lt "$wanted" ] || exit 0
    else
        good=0
    fi
    if [ "$(date +%s)" -ge "$until" ]; then
        echo "$host$path: not healthy in $seconds s; the last answer: $answer" >&2
        exit 1
    fi
    sleep 1
done
