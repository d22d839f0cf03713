#!/bin/sh
# Has the JVM of a service write a heap dump where the service keeps its dumps. It follows attach.sh.
#
#   heapdump.sh DATA_DIR FOLDER FILE    FOLDER in DATA_DIR gets FILE; all of them as the service sees them
#
# The last line says how large the dump is. Exit codes: 0 written; 1 refused, or not written, with the reason as the
# last line; nothing is left of a dump that was not written to its end.

data=$1 folder=$2 file=$3
find_jvm

# Live objects only are written, so a dump is rarely larger than what the process holds in memory.
if blocks=$(stat -f -c '%a %S' "$root$data" 2>/dev/null); then
    free=$((${blocks% *} * ${blocks#* } / 1024))
    [ "$free" -ge "$resident" ] ||
        refuse "$data has $((free / 1024)) MiB free, and the JVM holds $((resident / 1024)) MiB in memory"
fi
said=$(mkdir -p "$root$folder" 2>&1) || refuse "$folder cannot be made: $said"

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
