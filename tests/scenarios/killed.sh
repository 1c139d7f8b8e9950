#!/usr/bin/env bash
# A cas that is killed leaves no program running that it has started: an interpreter that loops, tar, the workers that compile.
. "$(dirname "$0")/lib.sh"
unset CAS_BASE

# ends PID: within ten seconds, zombies apart.
ends() {
  local i
  for ((i = 0; i < 100; i++)); do
    [[ -r /proc/$1/stat && $(cut -d' ' -f3 "/proc/$1/stat" 2>/dev/null) != Z ]] || return 0
    sleep 0.1
  done
  return 1
}
# kill_while FILE COMMAND...: kills cas once FILE has the number of what it started, and that must end.
kill_while() {
  local file=$1 cas_pid i
  shift
  "$@" >/dev/null 2>&1 &
  cas_pid=$!
  for ((i = 0; i < 300; i++)); do
    [[ ! -s $file ]] || break
    sleep 0.1
  done
  [[ -s $file ]] || fail "$*: did not start what it should"
  kill -KILL "$cas_pid"
  wait "$cas_pid" 2>/dev/null || true
  ends "$(cat "$file")" || fail "$*: what it started goes on"
}

mkdir looping
printf '#!/bin/sh\necho $$ > %s/interpreter; exec sleep 300\n' "$PWD" > looping/python3
printf '#!/bin/sh\necho $$ > %s/tar; exec sleep 300\n' "$PWD" > looping/tar
chmod +x looping/*
kill_while interpreter "$CAS_BIN" create env -p "$PWD/looping/python3"
touch some.tar.gz
kill_while tar env PATH="$PWD/looping:$PATH" "$CAS_BIN" python add some.tar.gz
