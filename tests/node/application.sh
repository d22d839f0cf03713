#!/bin/sh
# Stands for a service: it answers probes on port 80, and writes what happens to it into DATA_DIR, with the machine's
# uptime. TERM ends it in order; USR1 makes it use up its memory; a file `slow` there has the seconds that its start takes.
set -eu

log=$DATA_DIR/application.log
say() {
  read -r uptime _ </proc/uptime
  echo "$uptime $POD_NAME $*" >>"$log"
}

say started as "$(id -u):$(id -g)" || {
  echo "DATA_DIR=$DATA_DIR is not writable for $(id -u):$(id -g)"
  exit 3
}
if [ -f "$DATA_DIR/slow" ]; then
  sleep "$(cat "$DATA_DIR/slow")"
fi
for state in liveness readiness; do
  mkdir -p "/tmp/www/actuator/health"
  echo '{"status":"UP"}' >"/tmp/www/actuator/health/$state"
done
trap 'say TERM; exit 0' TERM
trap 'say USR1; exec tail /dev/zero' USR1
httpd -f -p 80 -h /tmp/www &
say serving
while :; do
  sleep 1 &
  wait $! || :
done
