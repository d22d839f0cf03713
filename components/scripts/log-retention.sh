#!/bin/sh
# Removes archived logs, GC logs and heap dumps of pods that are gone; in a dry run it only reports them.
#
# It needs sh, find and curl, and these variables: ROOT (mounts, each with directories of services), NAMESPACE, POD_NAME,
# API_SERVER, SERVICE_ACCOUNT (the directory of token and ca.crt), DRY_RUN (true or false), LOGS_DAYS, DUMPS_DAYS,
# KEEP_DUMPS. Only what a pattern below names is looked at. Links are never followed. A file whose path holds a live
# pod's name stays, and so do configuration and a log that a running service may have open.
# Exit code: 0 done, 1 something could not be removed, 2 refused before anything was removed.
#
# shellcheck disable=SC2329 # find calls this script again, with the name of a function
set -euf
export LC_ALL=C
MARK=.log-retention

refuse() {
    printf 'refused: %s\n' "$*" >&2
    exit 2
}

# The names of the namespace's live pods, one a line.
live_pods() {
    answer=$(
        # The token goes in by stdin: arguments can be read by others.
        printf 'header = "Authorization: Bearer %s"\n' "$(cat "$SERVICE_ACCOUNT/token")" |
            curl --silent --show-error --fail --noproxy '*' --max-time 60 --cacert "$SERVICE_ACCOUNT/ca.crt" \
                --header 'Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' \
                --config - "$API_SERVER/api/v1/namespaces/$NAMESPACE/pods"
    ) || return 1
    answer=$(printf '%s' "$answer" | tr -d ' \t\r\n')
    # A list that was cut short holds fewer pods than live.
    case $answer in *']}' | *'"items":null}') ;; *) return 1 ;; esac
    # An object's name stands first in its metadata; quotes inside other values are escaped and do not match.
    printf '%s' "$answer" | tr ',' '\n' | sed -n 's/.*"metadata":{"name":"\([^"]*\)".*/\1/p'
}

is_live() {
    for pod in $PODS; do
        case $1 in *"$pod"*) return 0 ;; esac
    done
    return 1
}

is_configuration() {
    case ${1##*/} in application* | bootstrap* | logback*) return 0 ;; esac
    case $1/ in */tmp/*) return 0 ;; esac
    return 1
}

# Whether a path below the service's directory holds a name that Kubernetes gave a pod of the service:
# file-68bff5d45b-cgnd8. What it makes up has no vowels.
is_of_a_pod() {
    made='[bcdfghjklmnpqrstvwxz2456789]'
    case /$1 in */"${SERVICE##*/}"-$made*-$made$made$made$made$made*) return 0 ;; esac
    return 1
}

# A log whose path has neither a date or number nor a pod: error.log has no line for weeks, and is open all the same.
may_be_open() {
    case $1 in *.log) ;; *) return 1 ;; esac
    case $1 in *[._/-][0-9]*) return 1 ;; esac
    ! is_of_a_pod "$1"
}

# A name for people: one line, whatever is in it.
shown() {
    printf '%s' "$1" | tr '[:cntrl:]' '?'
}

# The service's heap dumps, with further tests and an action of find.
find_dumps() {
    find "$SERVICE/." ! -name . -prune -type f -name '*.hprof' "$@" || return 1
    [ -d "$SERVICE/dumps" ] && [ ! -L "$SERVICE/dumps" ] || return 0
    find "$SERVICE/dumps" -xdev -type f -name '*.hprof' "$@"
}

# Whether at least KEEP_DUMPS dumps of the service are newer than this one.
is_surplus() {
    newer=$(find_dumps -newer "$1" -exec sh -c 'for dump; do printf x; done' sh {} +) || return 1
    [ "${#newer}" -ge "$KEEP_DUMPS" ]
}

size_of() {
    # shellcheck disable=SC2012 # only the size is read, which stands before the name
    ls -ldn "$1" | {
        read -r _ _ _ _ size _ && printf '%s' "$size"
    }
}

# Keeps or removes each path, and says: ACTION BYTES PATH.
sift() {
    kind=$1
    shift
    for path; do
        below=${path#"$ROOT"/*/}
        case $below in */./*) below=${below%%/./*}/${below#*/./} ;; esac
        if is_configuration "$below"; then continue; fi
        if [ "$kind" = log ] && may_be_open "${below#*/}"; then continue; fi
        if is_live "$below"; then
            action=live bytes=0
        elif [ "$kind" = dump ] && ! is_surplus "$path"; then
            action=newest bytes=0
        elif bytes=$(size_of "$path") && { [ "$DRY_RUN" = true ] || rm -f -- "$path"; }; then
            action=gone
        else
            action=failed bytes=0
        fi
        printf '%s %s %s\n' "$action" "$bytes" "$(shown "$below")"
    done
}

# Removes the directories of pods that are gone, where nothing is left in them.
sweep() {
    for path; do
        below=${path#"$ROOT"/*/}
        if ! is_of_a_pod "${below#*/}" || is_live "$below" || is_configuration "$below"; then continue; fi
        if rmdir -- "$path" 2>/dev/null; then printf 'empty 0 %s\n' "$(shown "$below")"; fi
    done
}

clean() {
    days=+$((LOGS_DAYS - 1)) # find counts whole days, and '+' means more than
    for directory in logs gc; do
        [ -d "$SERVICE/$directory" ] && [ ! -L "$SERVICE/$directory" ] || continue
        find "$SERVICE/$directory" -xdev -type f -mtime "$days" \
            \( -name '*.log' -o -name '*.log.*' -o -name '*.log-*' -o -name '*.gz' -o -name '*.zip' \) \
            -exec sh "$0" sift log {} + || printf 'failed 0 %s\n' "$directory"
    done
    find "$SERVICE/." ! -name . -prune -type f -mtime "$days" \( -name 'gc-*.log' -o -name 'gc-*.log.*' \) \
        -exec sh "$0" sift log {} + || printf 'failed 0 .\n'
    find_dumps -mtime "+$((DUMPS_DAYS - 1))" -exec sh "$0" sift dump {} + || printf 'failed 0 dumps\n'
    [ "$DRY_RUN" = false ] || return 0
    for directory in logs gc dumps; do
        [ -d "$SERVICE/$directory" ] && [ ! -L "$SERVICE/$directory" ] || continue
        # What could not be read is counted above.
        find "$SERVICE/$directory" -xdev -depth -type d -mtime "$days" -exec sh "$0" sweep {} + || :
    done
}

report() {
    name=$(shown "${SERVICE##*/}")
    files=0 total=0 live=0 newest=0 failed=0 whole=false
    done=removed
    [ "$DRY_RUN" = false ] || done='would remove'
    while IFS= read -r line; do
        action=${line%% *} line=${line#* }
        bytes=${line%% *} path=${line#* }
        case $action in
            end) whole=true ;;
            gone)
                files=$((files + 1)) total=$((total + bytes))
                printf '%s %s bytes: %s\n' "$done" "$bytes" "$path"
                ;;
            live) live=$((live + 1)) ;;
            newest) newest=$((newest + 1)) ;;
            empty) printf '%s an empty directory: %s\n' "$done" "$path" ;;
            *)
                failed=$((failed + 1))
                printf 'failed: %s: %s\n' "$name" "$path" >&2
                ;;
        esac
    done
    printf '%s: %s %s files, %s bytes; kept %s of live pods, %s newest dumps; %s failed\n' \
        "$name" "$done" "$files" "$total" "$live" "$newest" "$failed"
    [ "$whole" = true ] || printf 'failed: %s: it ended in the middle\n' "$name" >&2
    [ "$whole" = true ] && [ "$failed" -eq 0 ]
}

case ${1:-} in sift | sweep)
    "$@"
    exit
    ;;
esac

for name in ROOT NAMESPACE POD_NAME API_SERVER SERVICE_ACCOUNT DRY_RUN LOGS_DAYS DUMPS_DAYS KEEP_DUMPS; do
    eval "[ -n \"\${$name:-}\" ]" || refuse "$name is not set"
done
case $DRY_RUN in true | false) ;; *) refuse "DRY_RUN is neither true nor false" ;; esac
for number in "$LOGS_DAYS" "$DUMPS_DAYS" "$KEEP_DUMPS"; do
    case $number in *[!0-9]* | ????????* | 0?*) refuse "not a number: $number" ;; esac
done
[ "$LOGS_DAYS" -ge 1 ] && [ "$DUMPS_DAYS" -ge 1 ] || refuse "LOGS_DAYS and DUMPS_DAYS must be 1 or more"

PODS=$(live_pods) || refuse "the live pods of $NAMESPACE could not be listed"
case "
$PODS
" in
    *"
$POD_NAME
"*) ;;
    *) refuse "the list of live pods does not hold this run's own pod $POD_NAME, so it cannot be trusted" ;;
esac

set +f
set -- "$ROOT"/*/*/
set -f
[ -d "$1" ] || refuse "$ROOT holds no directory of a service"
marked=0 unmarked=
for SERVICE; do
    [ ! -L "${SERVICE%/}" ] || continue
    if [ -f "$SERVICE$MARK" ]; then marked=$((marked + 1)); else unmarked="$unmarked ${SERVICE#"$ROOT"/*/}"; fi
done
if [ -n "$unmarked" ]; then
    printf 'left alone without the mark DATA_DIR/%s, which a person sets with touch:%s\n' \
        "$MARK" "$(shown "$unmarked")" >&2
fi
[ "$DRY_RUN" = true ] || [ "$marked" -gt 0 ] || refuse "no directory has the mark: this may be the wrong volume"

export PODS SERVICE
status=0
for SERVICE; do
    SERVICE=${SERVICE%/}
    [ ! -L "$SERVICE" ] || continue
    [ "$DRY_RUN" = true ] || [ -f "$SERVICE/$MARK" ] || continue
    { clean && echo end; } | report || status=1
done
exit "$status"
