#!/usr/bin/env bash
# Ten processes create, change, add, remove and collect at once, some in pid namespaces of their own, some killed: nothing is
# lost, and what is left is whole.
[[ -w /dev/shm ]] && export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
seconds=${CAS_TEST_SECONDS:-12}
for n in 0 1 2 3 4 5; do
  make_wheel wheels "p$n" 1.0 "p$n/__init__.py=x = $n" "p$n/common.py=y = 'in all of them'" "p$n/d/own.txt=text of p$n" \
    "@p$n=p$n:main" >/dev/null
done
mkdir envs

# worker N NAMESPACE: its own environments envs/N-*, everybody's wheels.
worker() {
  local n=$1 run=() status env round=0 output end=$((SECONDS + seconds))
  trap - ERR
  set +e
  [[ $2 == own ]] && run=(unshare --pid --fork --mount-proc --kill-child)
  RANDOM=$((n * 1000 + 7))
  while ((SECONDS < end)); do
    round=$((round + 1))
    env=envs/$n-$((RANDOM % 3))
    local a=$((RANDOM % 6)) b=$((RANDOM % 6))
    case $((RANDOM % 8)) in
      0 | 1 | 2 | 3) set -- create "$env" wheels/p$a-*.whl wheels/p$b-*.whl ;;
      4) set -- add wheels/p$a-*.whl ;;
      5) [[ -e $env ]] || continue; set -- remove "$env" ;;
      6) rm -rf "$env"; continue ;;
      7) set -- gc ;;
    esac
    if ((RANDOM % 6 == 0)); then
      "${run[@]}" "$CAS_BIN" --durability none "$@" >/dev/null 2>&1 &
      local victim=$!
      sleep "0.00$((RANDOM % 10))"
      kill -KILL "$victim" 2>/dev/null
      wait "$victim" 2>/dev/null
      continue
    fi
    output=$("${run[@]}" "$CAS_BIN" --durability none "$@" 2>&1)
    status=$?
    [[ $status -eq 0 ]] && continue
    # Of one's own environment that was killed in the middle of removal nothing or a part may be left.
    case $output in
      *"is no environment made by cas"*) [[ $1 == remove ]] && { rm -rf "$env"; continue; } ;;
      # What was killed with its namespace may live on for a moment, and finish.
      *"somebody else has just made it"*) [[ ${#run[@]} -gt 0 ]] && continue ;;
    esac
    printf 'worker %s, round %s: status %s of cas %s: %s\n' "$n" "$round" "$status" "$*" "$output" >> errors
  done
  echo "$round" > "rounds.$n"
}

namespaces=no
[[ $(id -u) -eq 0 ]] && unshare --pid --fork --mount-proc true 2>/dev/null && namespaces=own
[[ $namespaces == own ]] || printf 'not tested: pid namespaces\n'
touch errors
cas add "$(make_wheel seed seed 1.0 seed.py='x = 0')" >/dev/null # the store is made
workers=()
for n in 0 1 2 3 4 5 6 7 8 9; do
  worker "$n" "$([[ $((n % 3)) -eq 0 ]] && echo $namespaces)" &
  workers+=($!)
done
for job in "${workers[@]}"; do wait "$job"; done
[[ ! -s errors ]] || fail "errors nobody expects: $(head -20 errors)"
rounds=$(cat rounds.* | paste -sd+ | bc 2>/dev/null || cat rounds.* | awk '{ sum += $1 } END { print sum }')
printf '%s commands\n' "$rounds"
((rounds > 100)) || fail "only $rounds commands"

assert_sound
cas gc >/dev/null
assert_sound
assert_eq "$(cas verify --json | json orphans)" 0

# Each environment left has exactly what its packages say.
left=0
for env in envs/*; do
  [[ -e $env/.cas/anchor && -e $env/pyvenv.cfg ]] || { rm -rf "$env"; continue; }
  mapfile -t names < <(cas show --json "./$env" | json environment.packages | grep -oE '"name": "p[0-9]"' | grep -oE 'p[0-9]')
  wheels=()
  for name in "${names[@]}"; do wheels+=(wheels/"$name"-1.0-*.whl); done
  # A command killed after its journal goes on with the next one.
  cas create "$env" "${wheels[@]}" >/dev/null
  cas --store reference.store create --link-mode copy reference "${wheels[@]}" >/dev/null
  difference=$(diff -rq "$env/lib" reference/lib 2>&1 | grep -v -E '/(RECORD|direct_url\.json) differ$' || true)
  [[ -z $difference ]] || fail "$env (${names[*]}): $difference"
  assert_eq "$(ls "$env/bin")" "$(ls reference/bin)" "$env"
  rm -rf reference
  left=$((left + 1))
done
printf '%s environments left\n' "$left"
assert_no_scratch envs
rm -rf envs
cas gc >/dev/null
assert_eq "$(cas store info --json | json objects)" 0 "nothing is kept for nobody"
assert_no_scratch .
assert_sound
