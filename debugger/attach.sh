#!/bin/sh
# What a tool beside the JVM of a service begins with. It runs in an ephemeral container that shares the processes of the
# service's container, not its files: those are reached through /proc/PID/root. The tool's own script follows it.
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

# find_jvm: set $pid, $root (its files, as they are reached from here) and $resident of the service's JVM, to which a tool
# can attach.
find_jvm() {
    command -v jcmd >/dev/null || refuse "the image of this container has no jcmd: debug.image must have a JDK"
    pid=
    for number in $(printf '%s\n' /proc/[0-9]* | sort -t / -k 3 -n | cut -d / -f 3); do # the oldest: tools are younger
        examine "$number"
        [ "$name" = java ] || continue
        pid=$number
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
    printf 'process %s of user %s, %s MiB in memory\n' "$pid" "$user" $((resident / 1024))
}
