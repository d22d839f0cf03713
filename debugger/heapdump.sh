#!/bin/sh
# Has the JVM of a service write a heap dump where the service keeps its dumps. It runs in an ephemeral container that
# shares the processes of the service's container, not its files: those are reached through /proc/PID/root.
#
#   heapdump.sh DATA_DIR FOLDER FILE    FOLDER in DATA_DIR gets FILE; all of them as the service sees them
#
# The last line says how large the dump is. Exit codes: 0 written; 1 refused, or not written, with the reason as the
# last line; nothing is left of a dump that was not written to its end.
set -u

refuse() {
    printf '%s\n' "$*"
    exit 1
}

# examine PID: set $name, $user, $resident (KiB) and $caught (signals, as a mask) to what the kernel says of a process.
examine() {
    name='' user='' resident=0 caught=0
    while read -r key value _; do
        case $key in
            Name:) name=$value ;;
            Uid:) user=$value ;;
            VmRSS:) resident=$value ;;
            SigCgt:) caught=$value ;;
        esac
    done 2>/dev/null <"/proc/$1/status"
}

# open_socket: the JVM listens to tools on a socket in the service's /tmp, once it is asked to. Those of most JDKs look
# for it in their own /tmp where both share processes: https://bugs.openjdk.org/browse/JDK-8327114
open_socket() {
    socket=.java_pid$pid mark=$root/tmp/.attach_pid$pid seconds=0
    if [ ! -S "$root/tmp/$socket" ]; then
        : >"$mark"
        kill -QUIT "$pid"
        until [ -S "$root/tmp/$socket" ] || [ "$seconds" -ge 20 ]; do
            sleep 1
            seconds=$((seconds + 1))
        done
        rm -f "$mark"
        [ -S "$root/tmp/$socket" ] || refuse "the JVM opened no socket for tools within 20 s"
    fi
    [ -S "/tmp/$socket" ] || ln -sf "$root/tmp/$socket" "/tmp/$socket" ||
        refuse "this container cannot write into its own /tmp"
}

data=$1 folder=$2 file=$3
command -v jcmd >/dev/null || refuse "the image of this container has no jcmd: debug.image must have a JDK"

pid=
for directory in /proc/[0-9]*; do
    examine "${directory#/proc/}"
    [ "$name" = java ] || continue
    pid=${directory#/proc/}
    break
done
[ -n "$pid" ] || refuse "there is no process java in the service's container, or the node does not share its processes"
[ "$user" = "$(id -u)" ] ||
    refuse "the JVM runs as user $user and this container as $(id -u): debug.image must have the service's user"
root=/proc/$pid/root
[ -d "$root/" ] || refuse "process $pid does not let this container look into it: it has capabilities of its own"
if cat "/proc/$pid/cmdline" "/proc/$pid/environ" | tr '\0' '\n' | grep -q -e -XX:+DisableAttachMechanism; then
    refuse "the JVM was started with -XX:+DisableAttachMechanism: no tool can attach to it"
fi
case $caught in
    *[4567cdef]) ;;
    *) refuse "the JVM was started with -Xrs: it does not hear that a tool wants to attach" ;;
esac
[ -w "$root/tmp" ] || refuse "the service cannot write into its /tmp: tools attach to a JVM through a socket there"

# Live objects only are written, so a dump is rarely larger than what the process holds in memory.
if blocks=$(stat -f -c '%a %S' "$root$data" 2>/dev/null); then
    free=$((${blocks% *} * ${blocks#* } / 1024))
    [ "$free" -ge "$resident" ] ||
        refuse "$data has $((free / 1024)) MiB free, and the JVM holds $((resident / 1024)) MiB in memory"
fi
said=$(mkdir -p "$root$folder" 2>&1) || refuse "$folder cannot be made: $said"

printf 'process %s of user %s, %s MiB in memory\n' "$pid" "$user" $((resident / 1024))
open_socket
said=$(jcmd "$pid" GC.heap_dump "$folder/$file" 2>&1)
case $said in
    *'Heap dump file created'*) ;;
    *)
        rm -f "$root$folder/$file"
        refuse "$(printf '%s\n' "$said" | grep -v -e "^$pid:" -e '^Dumping heap' -e '^[[:space:]]*at ' | tail -n 1)"
        ;;
esac
printf 'written: %s bytes\n' "$(stat -c %s "$root$folder/$file")"
