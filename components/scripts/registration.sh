#!/bin/sh
# Keeps a Spring Boot instance's place in Nacos in step with its pod. Needs curl and what POSIX gives a shell, nothing else.
#
#   registration.sh run      sidecar: while the service answers, keep the instance online in Nacos
#   registration.sh ready    readiness probe of the sidecar: exit 0 once the instance is visible in Nacos
#   registration.sh offline  preStop: take the instance offline, wait until nobody calls it any more; always exit 0
#   registration.sh online   postStart (mode hooks): wait until the service answers, then put the instance online
#
# An instance is taken offline by PUT enabled=false: since Nacos 2, DELETE has no effect on an instance that registered
# over gRPC, and answers "ok" all the same (https://github.com/alibaba/nacos/issues/7070).
# Credentials are read from files and reach curl through files: never an argument, never the log.
set -eu

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
interval=${REGISTRATION_INTERVAL_SECONDS:-3}
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
mkdir -p "$state"
login_config=$state/login

say() { printf '%s registration: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"; }

now() { date +%s; }

# nacos METHOD PATH [curl arguments]: one bounded call; each of the servers is tried in turn.
nacos() {
  method=$1 path=$2
  shift 2
  [ -f "$login_config" ] || : >"$login_config"
  servers=$REGISTRATION_ADDRESS,
  while [ -n "$servers" ]; do
    server=${servers%%,*}
    servers=${servers#*,}
    if curl -fsS --connect-timeout 2 --max-time 3 --config "$login_config" -G -X "$method" "http://$server$path" "$@" 2>"$state/error"; then
      return 0
    fi
  done
  return 1
}

# login: fetch a token where Nacos wants one. The password goes from file to curl, the token from curl to file.
login() {
  [ -n "$credentials" ] || return 0
  servers=$REGISTRATION_ADDRESS,
  while [ -n "$servers" ]; do
    server=${servers%%,*}
    servers=${servers#*,}
    if curl -fsS --connect-timeout 2 --max-time 3 -X POST "http://$server$login_path" \
      --data-urlencode "username@$credentials/username" --data-urlencode "password@$credentials/password" \
      >"$state/answer" 2>"$state/error"; then
      token=$(sed -n 's/.*"accessToken" *: *"\([^"]*\)".*/\1/p' "$state/answer")
      rm -f "$state/answer"
      [ -n "$token" ] || continue
      printf 'data-urlencode = "accessToken=%s"\n' "$token" >"$login_config"
      return 0
    fi
  done
  rm -f "$state/answer"
  return 1
}

# set_enabled true|false: the operator's switch of Nacos; it wins over what the process publishes.
set_enabled() {
  nacos PUT "$instance_path" --data-urlencode "serviceName=$REGISTRATION_SERVICE" --data-urlencode "groupName=$group" \
    --data-urlencode "namespaceId=$namespace" -d "clusterName=$cluster" -d "ip=$REGISTRATION_IP" \
    -d "port=$REGISTRATION_PORT" -d ephemeral=true -d weight=1 -d "enabled=$1" >/dev/null
}

# visible: whether consumers see this instance. The list holds only enabled instances.
visible() {
  nacos GET "$list_path" --data-urlencode "serviceName=$REGISTRATION_SERVICE" --data-urlencode "groupName=$group" \
    --data-urlencode "namespaceId=$namespace" -d healthyOnly=true >"$state/list" || return 2
  tr '{' '\n' <"$state/list" | grep "\"ip\" *: *\"$REGISTRATION_IP\"" | grep -q "\"port\" *: *${REGISTRATION_PORT}[,}]"
}

# healthy: whether the service answers. With a path: 2xx. Without: something listens on the port.
healthy() {
  if [ -n "$health_path" ]; then
    curl -fsS --connect-timeout 1 --max-time 2 -o /dev/null "http://127.0.0.1:$health_port$health_path" 2>/dev/null
  else
    code=0
    curl -s --connect-timeout 1 --max-time 2 -o /dev/null "http://127.0.0.1:$health_port/" 2>/dev/null || code=$?
    [ "$code" -ne 7 ] && [ "$code" -ne 28 ]
  fi
}

# nearest: the registered name that has the longest beginning in common with ours.
nearest() {
  nacos GET "$services_path" --data-urlencode "groupName=$group" --data-urlencode "namespaceId=$namespace" \
    -d pageNo=1 -d pageSize=200 >"$state/services" || return 0
  best='' best_length=0
  names=$(sed 's/.*\[\(.*\)\].*/\1/; s/"name" *: *//g; s/[",{}]/ /g' "$state/services")
  for name in $names; do
    length=0
    while [ "$length" -lt "${#name}" ]; do
      prefix=$name
      while [ "${#prefix}" -gt $((length + 1)) ]; do prefix=${prefix%?}; done
      case $REGISTRATION_SERVICE in "$prefix"*) length=$((length + 1)) ;; *) break ;; esac
    done
    if [ "$length" -gt "$best_length" ]; then best=$name best_length=$length; fi
  done
  [ -z "$best" ] || printf '; the nearest registered name is "%s"' "$best"
}

# not_found SECONDS: why the sidecar is not ready, for the readiness probe's event.
not_found() {
  printf 'instance %s:%s of "%s" (namespace %s, group %s) is not in Nacos after %s s%s\n' \
    "$REGISTRATION_IP" "$REGISTRATION_PORT" "$REGISTRATION_SERVICE" "$namespace" "$group" "$1" "$(nearest)" >"$state/why"
}

run() {
  trap 'exit 0' TERM INT
  rm -f "$state/ready" "$state/draining" "$state/why"
  login || say "login to Nacos failed, will try again"
  since='' failures=0 told=''
  while :; do
    if [ -f "$state/draining" ]; then
      :
    elif healthy; then
      failures=0
      [ -n "$since" ] || { since=$(now); say "the service answers"; }
      seen=0
      visible || seen=$?
      if [ "$seen" -eq 0 ]; then
        [ -f "$state/ready" ] && [ -z "$told" ] || say "visible in Nacos"
        told='' since=$(now)
        rm -f "$state/why"
        [ -f "$state/draining" ] || : >"$state/ready"
      else
        waited=$(($(now) - since))
        [ -f "$state/draining" ] || set_enabled true || login || :
        if [ "$waited" -ge "$patience" ]; then
          if [ -z "$told" ]; then
            not_found "$waited"
            say "$(cat "$state/why")"
            told=1
          fi
          if [ "$fail_closed" = true ]; then
            rm -f "$state/ready"
          elif [ ! -f "$state/draining" ]; then
            : >"$state/ready"
          fi
        fi
      fi
    else
      failures=$((failures + 1))
      if [ "$failures" -ge 3 ] && [ -f "$state/ready" ]; then
        say "the service does not answer: offline"
        rm -f "$state/ready"
        since=''
        set_enabled false || login || :
      fi
    fi
    sleep "$interval" &
    wait $! || :
  done
}

ready() {
  [ -f "$state/ready" ] && [ ! -f "$state/draining" ] && exit 0
  if [ -f "$state/why" ]; then cat "$state/why"; else printf 'instance %s:%s of "%s" is not yet visible in Nacos\n' \
    "$REGISTRATION_IP" "$REGISTRATION_PORT" "$REGISTRATION_SERVICE"; fi
  exit 1
}

# offline: bounded by the drain time whatever Nacos does; a registry that is down must not keep a pod from ending.
offline() {
  set +e
  began=$(now)
  : >"$state/draining"
  rm -f "$state/ready"
  tries=0
  until set_enabled false; do
    tries=$((tries + 1))
    if [ "$tries" -ge 3 ] || [ $(($(now) - began)) -ge "$drain" ]; then
      say "Nacos did not take the instance offline: $(cat "$state/error" 2>/dev/null)"
      break
    fi
    login
    sleep 1
  done
  left=$((drain - ($(now) - began)))
  [ "$left" -le 0 ] || sleep "$left"
  exit 0
}

online() {
  set +e
  login
  waited=0
  until healthy; do
    [ "$waited" -lt "$start_budget" ] || { say "the service did not answer in $start_budget s"; exit 1; }
    sleep 1
    waited=$((waited + 1))
  done
  tries=0
  until set_enabled true; do
    tries=$((tries + 1))
    [ "$tries" -lt 5 ] || { say "Nacos did not put the instance online: $(cat "$state/error" 2>/dev/null)"; break; }
    login
    sleep 1
  done
  exit 0
}

case ${1:-} in
  run | ready | offline | online) "$1" ;;
  *) echo "usage: registration.sh run|ready|offline|online" >&2; exit 64 ;;
esac
