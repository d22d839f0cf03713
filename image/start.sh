#!/bin/sh
# Starts the Spring Boot service of this image: checks what it is given, says what it starts, and becomes java.
#
#   start.sh [ARGUMENT...]    the arguments go to the service as they are, after PROGRAM_PARAMS
#
# Variables: ENVIRONMENT, EXECUTABLE_JAR, DATA_DIR, APP_DIR, JVM_OPTIONS_BASE, SYSTEM_OPTIONS, PROGRAM_PARAMS.
# The last three are words separated by blanks; quotes of either kind keep blanks in a word, a backslash is itself.
# IMAGE_PROFILE is what the image was built for; PROFILE is what it must have been built for, ENVIRONMENT if unset.
# Below DATA_DIR it writes gc/POD/gc-START.log, dumps/POD/START/java_pid*.hprof and logs/hs_err-POD-START.log, where
# START names this start: no file of an earlier start is written over, and none is in the way of a heap dump.
#
# Exit codes of its own, each with one line that begins with "start.sh: ":
#   64  a variable is wrong      66  the jar is not there       69  no java
#   65  java refuses an option   73  DATA_DIR is not writable   78  the heap does not fit the memory limit
# Everything else is java's: 143 ended by SIGTERM, 3 out of memory (a heap dump is written first), 1 the service failed.
set -eu

export LANG="${LANG:-C.UTF-8}" TZ="${TZ:-Asia/Shanghai}"
# Process 1 has no default action for a signal, and until java is there this shell is process 1.
trap 'exit 143' TERM INT

fail() {
    code=$1
    shift
    printf 'start.sh: %s\n' "$*" | mask >&2
    exit "$code"
}

# mask: of each line, what follows a key that looks like a secret, and a password within an address, is not shown.
mask() {
    sed -E -e 's/((PASSW|[Pp]assw|PASSPH|[Pp]assph|PWD|[Pp]wd|SECRET|[Ss]ecret|TOKEN|[Tt]oken|KEY|[Kk]ey|CREDENTIAL|[Cc]redential)[^=]*=).*/\1***/' \
        -e 's#(://[^/:@ ]*:)[^/@ ]*@#\1***@#g'
}

# add WORD: append it to $words, quoted for eval.
add() {
    tail=$1 quoted=
    while :; do
        case $tail in
            *\'*) quoted="$quoted${tail%%\'*}'\\''" tail=${tail#*\'} ;;
            *) break ;;
        esac
    done
    words="$words '$quoted$tail'"
}

# split NAME TEXT: append the words of a variable to $words.
split() {
    text=$2 word='' inside=''
    while [ -n "$text" ]; do
        case $text in
            [\"\']*)
                quote=${text%"${text#?}"} text=${text#?} inside=1
                case $text in
                    *"$quote"*) word=$word${text%%"$quote"*} text=${text#*"$quote"} ;;
                    *) fail 64 "$1 has a quote that is not closed" ;;
                esac
                ;;
            [[:space:]]*)
                text=${text#?}
                [ -z "$inside" ] || add "$word"
                word='' inside=''
                ;;
            *)
                plain=${text%%[[:space:]\"\']*} inside=1
                word=$word$plain text=${text#"$plain"}
                ;;
        esac
    done
    [ -z "$inside" ] || add "$word"
}

# is_label TEXT: a DNS label, as namespaces and directories are named by it.
is_label() {
    [ "${#1}" -le 63 ] || return 1
    case $1 in
        '' | -* | *- | *[!abcdefghijklmnopqrstuvwxyz0123456789-]*) return 1 ;;
    esac
}

check_environment() {
    for name in ENVIRONMENT DATA_DIR APP_DIR; do
        eval "[ -n \"\${$name:-}\" ]" || fail 64 "$name is not set"
    done
    is_label "$ENVIRONMENT" || fail 64 "ENVIRONMENT is \"$ENVIRONMENT\": it must be a DNS label, for example uat"
    wanted=${PROFILE:-$ENVIRONMENT}
    [ "${IMAGE_PROFILE:-$wanted}" = "$wanted" ] ||
        fail 64 "this image was built with PROFILE=$IMAGE_PROFILE and is started for $wanted: use the image built for $wanted"
}

# find_service: append what java runs to $words: the jar, or the class that starts an extracted one.
find_service() {
    jar=${EXECUTABLE_JAR:-}
    if [ -n "$jar" ] && [ -f "$APP_DIR/$jar" ]; then
        add -jar
        add "$APP_DIR/$jar"
        return
    fi
    manifest=$APP_DIR/META-INF/MANIFEST.MF
    if [ -d "$APP_DIR/BOOT-INF" ] && [ -f "$manifest" ]; then
        built=$(cat "$APP_DIR/BOOT-INF/executable-jar" 2>/dev/null) || built=$jar
        [ "$built" = "${jar:-$built}" ] || fail 66 "EXECUTABLE_JAR is $jar, but this image was built from $built"
        class=$(tr -d '\r' <"$manifest" | sed -n 's/^Main-Class: *//p')
        [ -n "$class" ] || fail 66 "$manifest names no Main-Class"
        add -cp
        add "$APP_DIR"
        add "$class"
        return
    fi
    [ -n "$jar" ] || fail 64 "EXECUTABLE_JAR is not set"
    fail 66 "there is no $jar in APP_DIR $APP_DIR; it holds: $(find "$APP_DIR/." ! -name . -prune -name '*.jar' 2>/dev/null | sed 's#.*/##' | sort | tr '\n' ' ')"
}

find_java() {
    java=${JAVA_HOME:+$JAVA_HOME/bin/java}
    [ -n "$java" ] && [ -x "$java" ] || java=$(command -v java) || fail 69 "there is no java: JAVA_HOME is \"${JAVA_HOME:-}\", PATH is $PATH"
}

# ask_java: start it with the given options and nothing to do. Sets $version, $major and $heap (bytes).
# What would load an agent, record or pre-touch is left out, and so are options that a webhook adds.
ask_java() {
    words=
    for option; do
        case $option in
            -javaagent:* | -agentlib:* | -agentpath:* | -Xrun* | -XX:StartFlightRecording* | -XX:ArchiveClassesAtExit* | -XX:AOTCacheOutput* | -XX:AOTMode=* | -XX:AOTConfiguration*) ;;
            *) add "$option" ;;
        esac
    done
    eval "set -- $words"
    if ! answer=$(unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS &&
        "$java" "$@" -XX:-AlwaysPreTouch -XX:+PrintFlagsFinal -version 2>&1); then
        reason=$(printf '%s\n' "$answer" | grep -v -e ' warning: ' -e '^Error occurred during' -e '^ *$' | head -n 1)
        fail 65 "java refuses JVM_OPTIONS_BASE or SYSTEM_OPTIONS: $reason"
    fi
    version=$(printf '%s\n' "$answer" | sed -n 's/^[a-z]* version "\([^"]*\)".*/\1/p')
    heap=$(printf '%s\n' "$answer" | sed -n 's/^ *[a-z_]* MaxHeapSize *:*= *\([0-9]*\) .*/\1/p')
    major=${version#1.}
    major=${major%%[!0-9]*}
    [ -n "$major" ] && [ -n "$heap" ] || fail 69 "$java does not say its version and heap: $(printf '%s' "$answer" | head -n 1)"
}

# memory_limit: the container's, in bytes; nothing where there is none.
memory_limit() {
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null) || limit=
    case $limit in
        '' | *[!0-9]* | ??????????????????*) limit= ;; # 18 digits: cgroup v1 writes the largest number for "none"
    esac
}

mib() { printf '%s MiB' $(($1 / 1048576)); }

# name_start: this start's own directory for heap dumps, and $start, the name of its files.
name_start() {
    pod=${POD_NAME:-$(uname -n)}
    moment=$(date -u +%Y%m%dT%H%M%SZ)
    error=$(mkdir -p "$DATA_DIR/gc/$pod" "$DATA_DIR/dumps/$pod" "$DATA_DIR/logs" 2>&1) || not_writable
    start=$moment count=1
    until error=$(mkdir "$DATA_DIR/dumps/$pod/$start" 2>&1); do
        [ -d "$DATA_DIR/dumps/$pod/$start" ] || not_writable
        count=$((count + 1))
        start=$moment-$count
    done
    for directory in gc/"$pod" logs; do
        [ -w "$DATA_DIR/$directory" ] || { error="no right to write $DATA_DIR/$directory" && not_writable; }
    done
}

not_writable() {
    fail 73 "DATA_DIR $DATA_DIR is not writable for user $(id -u): $(printf '%s' "$error" | head -n 1)"
}

# own_options: for the java that was found; they stand first, so JVM_OPTIONS_BASE wins.
own_options() {
    add "-XX:+ExitOnOutOfMemoryError"
    add "-XX:+HeapDumpOnOutOfMemoryError"
    add "-XX:HeapDumpPath=$DATA_DIR/dumps/$pod/$start"
    add "-XX:ErrorFile=$DATA_DIR/logs/hs_err-$pod-$start.log"
    gc_log=$DATA_DIR/gc/$pod/gc-$start.log
    if [ "$major" -ge 9 ]; then
        add "-Xlog:gc*:file=\"$gc_log\":time,uptime,level,tags:filecount=5,filesize=20M"
        # A slow NAS must not lengthen a pause.
        [ "$major" -lt 17 ] || add "-Xlog:async"
    else
        for option in "-Xloggc:$gc_log" -XX:+PrintGCDetails -XX:+PrintGCDateStamps -XX:+UseGCLogFileRotation \
            -XX:NumberOfGCLogFiles=5 -XX:GCLogFileSize=20M; do
            add "$option"
        done
    fi
    [ "$major" -ge 18 ] || add "-Dfile.encoding=UTF-8"
}

check_environment
find_java
words=
find_service
service=$words

words=
split JVM_OPTIONS_BASE "${JVM_OPTIONS_BASE:-}"
split SYSTEM_OPTIONS "${SYSTEM_OPTIONS:-}"
given=$words
words=
split PROGRAM_PARAMS "${PROGRAM_PARAMS:-}"
for argument; do add "$argument"; done
params=$words

eval "ask_java $given"
memory_limit
[ -z "$limit" ] || [ "$heap" -lt "$limit" ] ||
    fail 78 "the heap of $(mib "$heap") does not fit the memory limit of $(mib "$limit"): lower -Xmx or -XX:MaxRAMPercentage, or raise the limit (Java $version sees $(mib "$limit") only if it knows this kind of cgroup)"

name_start
words=
own_options
eval "set -- $words $given $service $params"

printf 'start.sh: %s, Java %s, heap %s%s, this start is %s\n' "$ENVIRONMENT" "$version" "$(mib "$heap")" \
    "${limit:+ of $(mib "$limit")}" "$start"
printf 'start.sh: exec %s ' "$java"
# One word a line for mask, whatever is in it.
printf '%s\0' "$@" | tr '\n\0' ' \n' | mask | tr '\n' ' '
printf '\n'
exec "$java" "$@"
