#!/bin/sh
# Keeps a Spring Boot instance's place in Nacos in step with its pod. Needs curl and what POSIX gives a shell, nothing else.
#
#   registration.sh run         sidecar: while the service answers, keep the instance online in Nacos
#   registration.sh ready [S]   readiness probe of the sidecar: exit 0 once the instance is visible in Nacos, at most S seconds later
#   registration.sh offline     preStop: take the instance offline, wait until nobody calls it any more; always exit 0
#   registration.sh online      postStart (mode hooks): wait until the service answers, then put the instance online
#
# Exit codes: 1 not ready, or the service did not answer in time; 64 a wrong verb; 69 the image has no curl.
#
# An instance is taken offline by PUT enabled=false: since Nacos 2, DELETE has no effect on an instance that registered
# over gRPC, and answers "ok" all the same (https://github.com/alibaba/nacos/issues/7070). That switch is kept 60 s after
# the instance is gone (https://github.com/alibaba/nacos/issues/14606) and forgotten when a server restarts
# (https://github.com/alibaba/nacos/issues/11890), so it is looked at again and again, and never said once for all.
# Credentials are read from files and reach curl through files: never an argument, never the log.
set -eu

verb=${1:-}
case $verb in
  run | ready | offline | online) shift ;;
  *) echo "usage: registration.sh run|ready|offline|online" >&2; exit 64 ;;
esac
: "${REGISTRATION_ADDRESS:?}" "${REGISTRATION_SERVICE:?}" "${REGISTRATION_IP:?}" "${REGISTRATION_PORT:?}"
api=${REGISTRATION_API:-2}
namespace=${REGISTRATION_NAMESPACE:-public}
group=${REGISTRATION_GROUP:-DEFAULT_GROUP}
cluster=${REGISTRATION_CLUSTER:-DEFAULT}
health_port=${REGISTRATION_HEALTH_PORT:-$REGISTRATION_PORT}
health_path=${REGISTRATION_HEALTH_PATH:-}
drain=${REGISTRATION_DRAIN_SECONDS:-15}
start_budget=${REGISTRATION_START_SECONDS:-300}
fail_closed=${REGISTRATION_FAIL_CLOSED:-false}
credentials=${REGISTRATION_CREDENTIALS:-}
interval=${REGISTRATION_INTERVAL_SECONDS:-1}
unseen=${REGISTRATION_UNSEEN_SECONDS:-3}
rest=${REGISTRATION_REST_SECONDS:-10}
patience=${REGISTRATION_PATIENCE_SECONDS:-60}
state=${REGISTRATION_STATE:-/tmp/registration}

case $api in
  3) instance_path=/nacos/v3/admin/ns/instance
     list_path=/nacos/v3/client/ns/instance/list
     services_path=/nacos/v3/admin/ns/service/list
     login_path=/nacos/v3/auth/user/login ;;
  *) instance_path=/nacos/v1/ns/instance
     list_path=/nacos/v1/ns/instance/list
     services_path=/nacos/v1/ns/service/list
     login_path=/nacos/v1/auth/login ;;
esac

umask 077
[ -d "$state" ] || mkdir -p "$state"
login_config=$state/login
own=$state/$verb # what this verb writes down: another one may be under way at the same time

say() { printf '%s registration: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }

now() { date +%s; }

# ask PATH [curl arguments]: one bounded call, its answer on standard output; each of the servers is tried in turn.
ask() {
  path=$1
  shift
  servers=$REGISTRATION_ADDRESS,
  while [ -n "$servers" ]; do
    server=${servers%%,*}
    servers=${servers#*,}
    if curl -fsS --connect-timeout 2 --max-time 3 "http://$server$path" "$@" 2>"$own.error"; then
      return 0
    fi
  done
  return 1
}

# nacos METHOD PATH [curl arguments]: ask as whoever is logged in.
nacos() {
  method=$1 path=$2
  shift 2
  [ -f "$login_config" ] || : >"$login_config"
  ask "$path" --config "$login_config" -G -X "$method" --data-urlencode "groupName=$group" \
    --data-urlencode "namespaceId=$namespace" "$@"
}

# login: fetch a token where Nacos wants one. The password goes from file to curl, the token from curl to file.
login() {
  [ -n "$credentials" ] || return 0
  token=''
  if ask "$login_path" -X POST --data-urlencode "username@$credentials/username" \
    --data-urlencode "password@$credentials/password" >"$own.answer"; then
    token=$(sed -n 's/.*"accessToken" *: *"\([^"]*\)".*/\1/p' "$own.answer")
  fi
  rm -f "$own.answer"
  [ -n "$token" ] || return 1
  printf 'data-urlencode = "accessToken=%s"\n' "$token" >"$login_config"
}

# denied: whether Nacos refused the last call for want of a token that is still good.
denied() { grep -q 'error: 40[13]' "$own.error" 2>/dev/null; }

# set_enabled true|false: the operator's switch of Nacos; it wins over what the process publishes.
set_enabled() {
  nacos PUT "$instance_path" --data-urlencode "serviceName=$REGISTRATION_SERVICE" -d "clusterName=$cluster" \
    -d "ip=$REGISTRATION_IP" -d "port=$REGISTRATION_PORT" -d ephemeral=true -d weight=1 -d "enabled=$1" >/dev/null
}

# visible: 0 if consumers see this instance, 1 if not, 2 if Nacos does not say. The list holds only enabled instances.
visible() {
  nacos GET "$list_path" --data-urlencode "serviceName=$REGISTRATION_SERVICE" -d healthyOnly=true >"$own.list" || return 2
  tr '{' '\n' <"$own.list" | grep "\"ip\" *: *\"$REGISTRATION_IP\"" |
    grep -q "\"port\" *: *${REGISTRATION_PORT}[,}]"
}

# healthy: whether the service answers where consumers call it. With a path: 2xx. Without: something listens on the port.
healthy() {
  if [ -n "$health_path" ]; then
    curl -fsS --connect-timeout 1 --max-time 2 -o /dev/null "http://$REGISTRATION_IP:$health_port$health_path" 2>/dev/null
  else
    code=0
    curl -s --connect-timeout 1 --max-time 2 -o /dev/null "http://$REGISTRATION_IP:$health_port/" 2>/dev/null || code=$?
    [ "$code" -ne 7 ] && [ "$code" -ne 28 ]
  fi
}

# nearest: the registered name that has the longest beginning in common with ours.
nearest() {
  nacos GET "$services_path" -d pageNo=1 -d pageSize=200 >"$own.services" || return 0
  names=$(sed 's/.*\[\(.*\)\].*/\1/; s/"name" *: *//g; s/[",{}]/ /g' "$own.services")
  prefix=$REGISTRATION_SERVICE
  while [ -n "$prefix" ]; do
    for name in $names; do
      case $name in "$prefix"*) printf '; the nearest registered name is "%s"' "$name"; return 0 ;; esac
    done
    prefix=${prefix%?}
  done
}

# not_found SECONDS: why the sidecar is not ready, for the readiness probe's event.
not_found() {
  case $refusal in
    *' 404'* | *' 410'*) refusal="$refusal; so answer servers of 3.x where nacos.version says 2.x" ;;
  esac
  what="instance $REGISTRATION_IP:$REGISTRATION_PORT of \"$REGISTRATION_SERVICE\" (namespace $namespace, group $group)"
  if [ "$seen" -eq 2 ]; then
    printf '%s: Nacos does not tell for %s s: %s\n' "$what" "$1" "$refusal" >"$state/why"
  else
    printf '%s is not in Nacos after %s s%s%s\n' "$what" "$1" "${refusal:+; it refuses the switch: $refusal}" "$(nearest)" \
      >"$state/why"
  fi
}

# open: the pod may be Ready, unless it is on its way out.
open() { [ -f "$state/draining" ] || : >"$state/ready"; }

# answered: the service answers, so consumers shall see it. 1 while they do not.
answered() {
  failures=0 owed=''
  [ -n "$up" ] || { up=1; say "the service answers"; }
  seen=0
  visible || seen=$?
  if [ "$seen" -eq 0 ]; then
    [ "$told" = visible ] || { told=visible; say "visible in Nacos"; }
    missing=''
    rm -f "$state/why" "$state/event"
    open
    return 0
  fi
  [ -n "$missing" ] || missing=$(now)
  refusal=''
  if [ "$seen" -eq 2 ]; then
    refusal=$(cat "$own.error")
  elif [ ! -f "$state/draining" ]; then
    set_enabled true || refusal=$(cat "$own.error")
    # The pod's end may have begun while the call was under way; then that one has the last word.
    [ ! -f "$state/draining" ] || set_enabled false || :
  fi
  ! denied || login || :
  waited=$(($(now) - missing))
  [ "$waited" -ge "$patience" ] || return 1
  if [ "$told" != missing ]; then
    not_found "$waited"
    say "$(cat "$state/why")"
    told=missing
  fi
  if [ "$fail_closed" = true ]; then
    rm -f "$state/ready"
  elif [ ! -f "$state/ready" ]; then
    cp "$state/why" "$state/event"
    open
  fi
  return 1
}

# silent: the service does not answer. Three times in a row, and consumers shall not see it.
silent() {
  failures=$((failures + 1))
  [ "$failures" -ge 3 ] && [ -n "$up$owed" ] || return 0
  if [ -n "$up" ]; then
    say "the service does not answer: offline"
    up='' told='' missing='' owed=1
    rm -f "$state/ready" "$state/why"
  fi
  if set_enabled false; then owed=''; elif denied; then login || :; fi
}

# look: bring the service and Nacos in step, and set the pause until the next look.
look() {
  pause=$interval
  if [ -f "$state/draining" ]; then
    # Standard output of a hook reaches nobody; this one's reaches the log.
    [ ! -f "$state/said" ] || { cat "$state/said"; rm -f "$state/said"; }
  elif ! healthy; then
    silent
  elif answered; then
    pause=$rest
  elif [ -f "$state/ready" ]; then
    pause=$unseen
  fi
}

run() {
  sleeper=''
  trap '[ -z "$sleeper" ] || kill "$sleeper" 2>/dev/null || :; exit 0' TERM INT
  rm -f "$state/ready" "$state/draining" "$state/why" "$state/said" "$state/event"
  login || say "login to Nacos failed, will try again: $(cat "$own.error")"
  up='' told='' missing='' owed='' failures=0
  while :; do
    look
    sleep "$pause" &
    sleeper=$!
    wait "$sleeper" || :
    sleeper=''
  done
}

# ready: waits as long as it is told, so that Ready comes at once although a pod at rest is seldom probed: starting a
# process in a container is dear beside a shell that sleeps.
ready() {
  left=${1:-0}
  until [ -f "$state/ready" ] && [ ! -f "$state/draining" ]; do
    if [ "$left" -le 0 ] || [ -f "$state/draining" ]; then
      if [ -f "$state/why" ]; then cat "$state/why"; else printf 'instance %s:%s of "%s" is not yet visible in Nacos\n' \
        "$REGISTRATION_IP" "$REGISTRATION_PORT" "$REGISTRATION_SERVICE"; fi
      exit 1
    fi
    sleep 1
    left=$((left - 1))
  done
  # Only a probe that fails makes an event: one of a pod that opens although it is not in Nacos fails, to say so.
  if [ -f "$state/event" ]; then
    cat "$state/event"
    rm -f "$state/event"
    exit 1
  fi
}

# offline: ends after the drain time, or one call later, whatever Nacos does: a registry that is down must not keep a
# pod from ending.
offline() {
  set +e
  began=$(now) left=$drain taken=''
  : >"$state/draining"
  rm -f "$state/ready"
  while :; do
    if [ -z "$taken" ]; then
      set_enabled false && taken=1
    elif visible; then
      set_enabled false
    fi
    denied && login
    left=$((drain - ($(now) - began)))
    [ "$left" -gt 0 ] || break
    sleep 1
  done
  if [ -z "$taken" ]; then
    say "Nacos did not take the instance offline: $(cat "$own.error" 2>/dev/null)" >"$own.said"
    cat "$own.said"
    mv "$own.said" "$state/said"
  fi
  exit 0
}

online() {
  set +e
  rm -f "$state/draining"
  login
  began=$(now)
  until healthy; do
    [ $(($(now) - began)) -lt "$start_budget" ] || { say "the service did not answer in $start_budget s"; exit 1; }
    sleep 1
  done
  tries=0
  until set_enabled true; do
    tries=$((tries + 1))
    [ "$tries" -lt 5 ] || { say "Nacos did not put the instance online: $(cat "$own.error" 2>/dev/null)"; break; }
    denied && login
    sleep 1
  done
  exit 0
}

if ! command -v curl >/dev/null; then
  echo "registration: this image has no curl; name one that has it in registration.image, or mode: none" >&2
  [ "$verb" = offline ] || exit 69
fi
"$verb" "$@"
