#!/bin/sh
# Attaches Arthas to the JVM of a service, leads this container's streams to it, and takes it away again however that
# ends. It follows attach.sh, and runs in an ephemeral container that shares the processes of the service's container.
#
#   arthas.sh [COMMAND]...    Arthas runs each COMMAND; without any it has a terminal
#
# The first line of standard input is the terminal's size, COLUMNS ROWS; the end of standard input ends everything.
# Standard output is Arthas's. Standard error is this script's: `ready` is the line before Arthas's first word; where the
# exit code is not 0, the last line is the reason. Exit codes: 0 Arthas was there and is gone; 1 refused, or it failed, and
# it is gone; 2 it could not be taken away.

home=${ARTHAS_HOME:-/opt/arthas}
patience=30 # seconds for whoever asked to attach, and for Arthas to go
exec 4<&0 3>&1 1>&2

# client [OPTION]...: Arthas's own client, in the background, in place of its shell: so a signal reaches it. A heap for a
# few lines is enough, and it shares the node with the service.
client() {
    exec java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Djline.terminal=jline.UnsupportedTerminal \
        -jar "$home/arthas-client.jar" "$@" 127.0.0.1 "$port"
}

# listens: whether anything listens on $port of the pod.
listens() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "^ *[0-9]*: [0-9A-F]*:$(printf %04X "$port") [0-9A-F:]* 0A "
}

# stop: end the Arthas that listens on $port; false where it goes on. It is asked again: now and then it does not hear it.
stop() {
    stopping='' seconds=0
    while listens; do
        [ "$seconds" -lt "$patience" ] || return 1
        if [ $((seconds % 10)) -eq 0 ]; then
            client -c stop >/dev/null 2>&1 </dev/null &
            stopping=$!
        fi
        sleep 1
        seconds=$((seconds + 1))
    done
    [ -z "$stopping" ] || kill "$stopping" 2>/dev/null
    return 0
}

# clear_files: remove what Arthas brought, and what it wrote where nothing was before.
clear_files() {
    rm -rf "${root:?}$files"
    for each in $own; do
        case $each in
            */) rmdir "$root$user_home/$each" 2>/dev/null ;; # the service's logs may be there meanwhile
            *) rm -rf "${root:?}$user_home/$each" ;;
        esac
    done
}

# claim: make $files, which one session at a time has; what a killed one left is taken away first.
claim() {
    mkdir -m 700 "$root$files" 2>/dev/null && return
    owner='' port=0 own=
    [ -d "$root$files" ] || refuse "the service's /tmp takes no directory: it is full"
    read -r owner port own 2>/dev/null <"$root$files/session"
    if [ -n "$owner" ] && kill -0 "$owner" 2>/dev/null; then
        refuse "ackp arthas is in this pod already: one session at a time"
    fi
    printf 'Taking away the Arthas of a session that was killed\n'
    stop || refuse "the Arthas of a session that was killed goes on, and holds port $port: delete the pod"
    clear_files
    mkdir -m 700 "$root$files" || refuse "the service's /tmp takes no directory"
}

# leave: on every way out.
# shellcheck disable=SC2329 # the trap calls it
leave() {
    code=$?
    trap - EXIT
    trap '' HUP INT TERM
    [ -z "$running" ] || kill "$running" 2>/dev/null
    [ "$typed" = /dev/null ] || rm -f "$typed"
    if [ -n "$claimed" ] && [ -d "$root/" ]; then
        if stop; then
            clear_files
        else
            printf 'Arthas goes on in process %s and slows the service down: delete the pod\n' "$pid"
            code=2
        fi
    fi
    exit "$code"
}

{
    sleep "$patience"
    kill "$$"
} </dev/null >/dev/null 2>&1 3>&1 &
alarm=$!
read -r columns rows || exit 1
kill "$alarm"

find_jvm
[ -r "$home/arthas-core.jar" ] || refuse "the image of this container has no Arthas: debug.image must have it in $home"
if tr '\0' '\n' <"/proc/$pid/cmdline" | grep -q -e -XX:-EnableDynamicAgentLoading; then
    refuse "the JVM was started with -XX:-EnableDynamicAgentLoading: it takes no agent, and Arthas is one"
fi
open_socket
user_home=$(jcmd "$pid" VM.system_properties | sed -n 's/^user\.home=//p')
case $user_home in /*) ;; *) user_home=$(readlink "/proc/$pid/cwd")/$user_home ;; esac # `?` where the user has no name
files=/tmp/arthas-$pid claimed='' running='' typed=/dev/null port=3658 own=
trap leave EXIT
trap 'exit 1' HUP INT TERM
claim
claimed=yes port=3658
while listens; do
    port=$((port + 1))
done
own=
for each in .arthas logs/arthas logs/arthas-cache logs/; do
    [ -e "$root$user_home/$each" ] || own="$own $each"
done
printf '%s %s%s\n' "$$" "$port" "$own" >"$root$files/session"

printf 'Copying Arthas into the /tmp of process %s\n' "$pid"
said=$(cp -R "$home/." "$root$files/" 2>&1) || refuse "Arthas cannot be copied into the service's /tmp: ${said##*: }"
printf 'Attaching\n'
# Arthas copies itself from 4.3.4 on, from a path of this container; by this link it finds there what it would copy.
[ -e "$files" ] || ln -s "$root$files" "$files"
said=$(java -jar "$home/arthas-core.jar" -pid "$pid" -core "$files/arthas-core.jar" -agent "$files/arthas-agent.jar" \
    -target-ip 127.0.0.1 -telnet-port "$port" -http-port -1 2>&1) ||
    refuse "Arthas cannot attach: $(printf '%s\n' "$said" | grep -v '^[[:space:]]*at ' | tail -n 1)"
listens || refuse "the JVM took Arthas, and it does not listen. Another Arthas may be in it: end that with its own \`stop\`"

if [ $# -gt 0 ]; then
    printf '%s\n' "$@" >"$root$files/commands"
    set -- -f "$root$files/commands"
else
    typed=/tmp/typed-$$
    mkfifo "$typed" || refuse "this container cannot write into its own /tmp"
fi
printf 'ready\n'
client --width "$columns" --height "$rows" "$@" <"$typed" >&3 2>&1 &
running=$!
# Arthas's client does not end with what is typed. A signal that comes while it is being started may be lost.
{
    cat >"$typed"
    while kill "$running"; do sleep 1; done
} <&4 2>/dev/null &
wait "$running"
code=$?
running=
[ "$typed" != /dev/null ] || [ "$code" -eq 0 ] || refuse "Arthas did not answer to the end: its client ended with $code"
exit 0
