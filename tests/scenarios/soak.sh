#!/usr/bin/env bash
# Creators, adders, changers, removers, collectors and verifiers at once, each in a pid and mount namespace of its own, killed at random:
# nothing is lost, nobody waits for ever, and the index does not grow. CAS_SOAK_SECONDS says how long (default 15).
[[ -w /dev/shm ]] && export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
seconds=${CAS_SOAK_SECONDS:-15}
export CAS_DURABILITY=none
# One command may wait for others, but not so long: then it hangs.
patience=60

for n in 0 1 2 3 4 5 6 7; do
  both=("p$n/common.py=y = 'in all of them'" "@p$n=p$n:main")
  make_wheel wheels "p$n" 1.0 "p$n/__init__.py=x = $n" "p$n/d/own.txt=text of p$n" "${both[@]}" >/dev/null
  make_wheel wheels "p$n" 2.0 "p$n/__init__.py=x = 2$n" "p$n/new.py=z = $n" "${both[@]}" >/dev/null
done
mkdir envs
read -r python < <(pythons) || true
[[ -n $python ]] || skip "no Python"

namespaces=()
if [[ $(id -u) -eq 0 ]] && unshare --pid --mount --fork --mount-proc true 2>/dev/null; then
  namespaces=(unshare --pid --mount --fork --mount-proc --kill-child)
else
  printf 'not tested: pid and mount namespaces\n'
fi

# worker ROLE N: its own environments envs/N-*, everybody's wheels. One namespace for all that it runs: every worker's first
# process there has the number 1 and every command the same few.
worker() {
  local role=$1 n=$2 rounds=0 end=$((SECONDS + seconds)) env output status
  trap - ERR
  set +e
  RANDOM=$((n * 977 + ${CAS_SOAK_SEED:-1}))
  while ((SECONDS < end)); do
    rounds=$((rounds + 1))
    env=envs/$n-$((RANDOM % 3))
    local a=wheels/p$((RANDOM % 8))-$((1 + RANDOM % 2)).0-py3-none-any.whl b=wheels/p$((RANDOM % 8))-1.0-py3-none-any.whl
    [[ ${a%%-*} != "${b%%-*}" ]] || b=
    case $role in
      creator) set -- create "$env" -p "$python" $a $b ;;
      changer)
        case $((RANDOM % 4)) in
          0 | 1) set -- create "envs/$n-0" -p "$python" $a $b ;;
          2) [[ -e envs/$n-0/.cas ]] || continue; set -- doctor --fix "envs/$n-0" ;;
          3) [[ -e envs/$n-0/.cas ]] || continue; set -- history "envs/$n-0" ;;
        esac ;;
      adder) set -- add $a $b ;;
      remover)
        case $((RANDOM % 3)) in
          0) set -- create "$env" -p "$python" $a ;;
          1) [[ -e $env ]] || continue; set -- remove "$env" ;;
          2) rm -rf "$env"; continue ;;
        esac ;;
      collector) sleep 0.1; set -- gc ;;
      verifier) sleep 0.2; set -- verify --contents ;;
    esac
    if [[ $role != verifier ]] && ((RANDOM % 5 == 0)); then
      "$CAS_BIN" "$@" >/dev/null 2>&1 &
      local victim=$!
      sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
      kill -KILL "$victim" 2>/dev/null
      wait "$victim" 2>/dev/null
      continue
    fi
    output=$(timeout --signal KILL "$patience" "$CAS_BIN" "$@" 2>&1)
    status=$?
    [[ $status -eq 0 ]] && continue
    # Of one's own environment that was killed in the middle of removal nothing or a part may be left.
    [[ $1 == remove && $output == *"is no environment made by cas"* ]] && { rm -rf "$env"; continue; }
    printf '%s %s, round %s: status %s of cas %s: %s\n' "$role" "$n" "$rounds" "$status" "$*" "$output" >> errors
  done
  echo "$rounds" > "rounds.$role.$n"
}
export -f worker
export seconds patience python

touch errors
cas add wheels/*-1.0-*.whl wheels/*-2.0-*.whl >/dev/null
jobs=()
number=0
for role in creator creator changer changer adder adder remover collector verifier; do
  number=$((number + 1))
  "${namespaces[@]}" "$BASH" -c 'worker "$@"' worker "$role" "$number" 2>/dev/null &
  jobs+=($!)
done

# What the index has in use, now and then: it may rise and fall, but must not keep rising.
sizes=()
for ((at = 0; at < seconds; at++)); do
  sleep 1
  sizes+=("$(stat -c %s store/index/data.mdb)")
done
for job in "${jobs[@]}"; do wait "$job"; done
[[ ! -s errors ]] || fail "errors nobody expects: $(head -20 errors)"
rounds=$(cat rounds.* | awk '{ sum += $1 } END { print sum }')
[[ $(compgen -G 'rounds.*' | wc -l) -eq $number ]] || fail "a worker did not come to its end: $(ls rounds.*)"
printf '%s commands in %s s; the index %s at first, %s in the end\n' "$rounds" "$seconds" "${sizes[0]}" "${sizes[-1]}"
((rounds > 50)) || fail "only $rounds commands"
((sizes[-1] <= 2 * sizes[0] + 16777216)) || fail "the index grows: ${sizes[*]}"

# What is left is whole, found out by cas and by a program that shares nothing with it; what was interrupted is finished first.
for env in envs/*; do
  [[ -e $env/.cas/anchor && -e $env/pyvenv.cfg ]] || { rm -rf "$env"; continue; }
  cas doctor --fix "$env" >/dev/null
done
assert_sound
cas gc >/dev/null
assert_sound
check_store --contents --quiescent
assert_no_scratch envs
left=$(compgen -G 'envs/*' | wc -l || true)
for env in envs/*; do
  [[ -e $env ]] || continue
  mapfile -t names < <(cas show --json "./$env" | python3 -c 'import json, sys
for package in json.load(sys.stdin)["environment"]["packages"]: print(package["name"] + "-" + package["version"])')
  wheels=()
  for name in "${names[@]}"; do wheels+=(wheels/"$name"-py3-none-any.whl); done
  cas --store reference.store create --link-mode copy -p "$python" reference "${wheels[@]}" >/dev/null
  difference=$(diff -rq "$env/lib" reference/lib 2>&1 | grep -v -E '/(RECORD|direct_url\.json) differ$' || true)
  [[ -z $difference ]] || fail "$env (${names[*]}): $difference"
  rm -rf reference
done
printf '%s environments left, all whole\n' "$left"

# And nothing is kept for nobody. The pages of a thousand commits are used again.
rm -rf envs
cas gc --drop-history >/dev/null
assert_eq "$(cas store info --json | json objects)" 0 "nothing is kept for nobody"
check_store --contents --quiescent
