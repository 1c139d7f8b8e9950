#!/usr/bin/env bash
# Commands that change one environment at the same time: each says that it succeeded, so what each did is there.
. "$(dirname "$0")/lib.sh"
cd "$CAS_TEST_TMP"
for name in one two three four five six; do
  declare "$name=$(make_wheel wheels "$name" 1.0 "$name.py=x = 1")"
done

# names ENV: its packages, sorted.
names() { cas freeze "$1" | sed 's/[= @].*//' | sort | tr '\n' ' '; }

# held COMMAND...: starts it, up to the moment when it has planned its change; its process is $held.
held() { held_at change-planned "$@"; }

# held_at STEP COMMAND...: up to that one.
held_at() {
  CAS_FAILPOINT=$1:pause "$CAS_BIN" "${@:2}" >held.out 2>&1 &
  held=$!
  for ((i = 0; i < 600; i++)); do
    [[ $(awk '{ print $3 }' /proc/$held/stat) != T ]] || return 0
    sleep 0.1
  done
  fail "cas $*: was not stopped"
}

# goes_on: what was held must succeed.
goes_on() {
  kill -CONT "$held"
  wait "$held" || fail "what was held: $(cat held.out)"
}

# --- what was planned from something that has changed meanwhile is planned again ---
cas create env "$one" "$two" >/dev/null
held install env "$three"
cas install env "$four" --quiet
goes_on
assert_eq "$(names env)" "four one three two "

held uninstall env one
cas install env "$five" --quiet
goes_on
assert_eq "$(names env)" "five four three two "

held install env "$six"
cas uninstall env two three --quiet
goes_on
assert_eq "$(names env)" "five four six "

held create env --allow-existing "$one"
cas install env "$two" --quiet
goes_on
assert_eq "$(names env)" "five four one six two "
assert_contains "$(cat held.out)" "one 1.0"
assert_not_contains "$(cat held.out)" "two 1.0" "what another command brought is not reported"

# Without a number, one step back from what is there by then.
held rollback env
cas uninstall env five --quiet
goes_on
assert_eq "$(names env)" "five four one six two "

rm "$(echo env/lib/python3*/site-packages)/four.py"
held doctor --fix env
cas uninstall env five --quiet
goes_on
assert_eq "$(names env)" "four one six two "
assert_exists "$(echo env/lib/python3*/site-packages)/four.py"

# Replaced as a whole meanwhile.
held install env "$three"
cas create --clear env "$five" >/dev/null
goes_on
assert_eq "$(names env)" "five three "

# Taken away meanwhile.
held install env "$one"
cas remove env >/dev/null
kill -CONT "$held"
! wait "$held" || fail "installed into nothing: $(cat held.out)"
assert_absent env

# --- a removal waits for whoever makes or changes the environment, and removes what that leaves ---
# removed_after_held: `cas remove env` waits for what is held; then both succeed.
removed_after_held() {
  cas remove env >removed.out 2>&1 &
  local removing=$!
  sleep 1
  [[ -d /proc/$removing ]] || fail "it does not wait: $(cat removed.out)"
  goes_on
  wait "$removing" || fail "$(cat removed.out)"
  assert_absent env
  assert_no_scratch .
}
held_at renamed create env "$one"
removed_after_held
cas create env "$one" >/dev/null
held_at journal install env "$two" "$three"
removed_after_held
cas create env "$one" >/dev/null
held_at change-staged install env "$two"
removed_after_held
cas create env "$one" >/dev/null
held_at staged create --clear env "$four"
removed_after_held
# With something of the user's beside it what goes is what is there by then.
cas create env "$one" >/dev/null
touch env/mine
held_at change-staged install env "$two"
cas remove env >removed.out 2>&1 &
goes_on
wait $! || fail "$(cat removed.out)"
assert_eq "$(ls -A env)" mine
rm -r env

# --- all at once ---
cas create many >/dev/null
jobs=()
for name in one two three four five six; do
  cas install many "${!name}" >"out.$name" 2>&1 &
  jobs+=($!)
done
for job in "${jobs[@]}"; do wait "$job" || fail "$(cat out.*)"; done
assert_eq "$(names many)" "five four one six three two "
assert_eq "$(cas history many --json | json revisions | grep -o '"revision"' | wc -l)" 7 "each is a revision"
jobs=()
cas uninstall many one two >out.one 2>&1 & jobs+=($!)
cas uninstall many three >out.two 2>&1 & jobs+=($!)
cas install many "$(make_wheel wheels seven 1.0 seven.py='x = 7')" >out.three 2>&1 & jobs+=($!)
for job in "${jobs[@]}"; do wait "$job" || fail "$(cat out.*)"; done
assert_eq "$(names many)" "five four seven six "
assert_contains "$(cas doctor many)" sound
cas gc >/dev/null
assert_sound
assert_no_scratch .
