#!/usr/bin/env bash
# What root does to an environment's files in place, each of those who look finds, names the object and every environment that has it, and
# tells the remedy; `cas repair` heals all, `cas unshare --edited` makes it this environment's own and heals the others.
. "$(dirname "$0")/lib.sh"
[[ $(id -u) -eq 0 ]] || skip "needs root to give files to somebody else"
wheel=$(make_wheel wheels demo 1.0 'demo/__init__.py=value = 1' 'demo/other.py=other = 1' demo/data.txt=data)
object=$(printf 'value = 1' | sha256sum | cut -c1-64)
here=$PWD
value() { "$1/bin/python" -B -c 'import demo; print(demo.value)'; }
site() { echo "$1"/lib/python3*/site-packages; }

tamper() { # HOW
  local file
  file=$(site env)/demo/__init__.py
  case $1 in
    edit)
      chmod u+w "$file"
      echo 'value = 666' >"$file"
      chmod 0444 "$file"
      ;;
    edit-same-size)
      chmod u+w "$file"
      printf 'value = 6' >"$file"
      chmod 0444 "$file"
      ;;
    chown) chown -R 12345 env ;;
    chmod) chmod -R u+w env ;;
    chmod-open) chmod -R a+rwX env ;;
  esac
}

# finds WHO COMMAND...: names the object, or the file that it is in env, and both environments.
finds() {
  local who=$1
  shift
  OUTPUT=$("$@" 2>&1) || true
  # Of many a collection names a few, and a creation the first that it meets.
  [[ $OUTPUT == *"$object"* || $who == gc && $OUTPUT == *" objects were changed in place"* ||
    $how == ch* && $OUTPUT == *": its object "* || $OUTPUT == *"demo/__init__.py"* ]] || fail "$how: $who does not name the file: $OUTPUT"
  assert_contains "$OUTPUT" "$here/twin" "$how: $who"
  [[ $who == *env ]] || assert_contains "$OUTPUT" "$here/env" "$how: $who"
}
# quiet: nobody has anything to say any more.
all_is_well() {
  local output
  assert_sound
  for command in 'verify --all' 'doctor env twin' 'create fresh --check '"$wheel" 'remove fresh' gc; do
    # shellcheck disable=SC2086
    output=$(cas $command 2>&1) || fail "$how: $command: $output"
    assert_not_contains "$output" "changed in place" "$how: $command"
    assert_not_contains "$output" warning "$how: $command"
  done
  assert_eq "$(value twin)" 1 "$how"
}

# By its name: a wheel that is named as a file would mend what is damaged.
named=(--no-index --find-links "${wheel%/*}" demo)
for how in edit edit-same-size chown chmod chmod-open; do
  cas create env "$wheel" >/dev/null
  cas create twin "$wheel" >/dev/null
  tamper "$how"
  finds "verify" cas verify
  expect_failure cas verify
  finds "verify env" cas verify env
  expect_failure --status 64 cas verify env
  finds "doctor env" cas doctor env
  expect_failure --status 1 cas doctor env
  finds "gc" cas gc
  finds "create --check" cas create new --check "${named[@]}"
  expect_failure --status 1 cas create new --check "${named[@]}"
  assert_absent new
  # All files of so small a package are in the sample. What only its owner could write to is worth a warning.
  finds "the sample of a creation" cas create new "${named[@]}"
  if [[ $how == chmod ]]; then cas remove new >/dev/null; else assert_absent new; fi
  # A copy has a mode of its own, and the bytes are right.
  if [[ $how != chmod ]]; then
    finds "a creation by copies" cas create new --link-mode copy "${named[@]}"
    assert_absent new
  fi

  cas repair --offline "$wheel" >/dev/null || fail "$how: not repaired"
  # What only env has was changed for nobody else: that is its own matter.
  chown -R root env
  cas doctor --fix env >/dev/null
  all_is_well
  assert_eq "$(value env)" 1 "$how"

  tamper "$how"
  cas unshare --edited --offline env >report || fail "$how: $(cat report)"
  assert_contains "$(cat report)" "demo/__init__.py" "$how"
  chown -R root env
  cas doctor --fix env >/dev/null
  all_is_well
  [[ $how != edit ]] || assert_eq "$(value env)" 666 "$how"
  [[ $(site env)/demo/__init__.py -ef $(site twin)/demo/__init__.py ]] && fail "$how: still one file"
  cas remove env twin >/dev/null
  cas gc --max-age 0s >/dev/null
done

# Who has bytes of his own under the same name sees nothing of it, and is not named.
cas create env "$wheel" >/dev/null
cas create apart "$wheel" >/dev/null
cp "$(site apart)/demo/data.txt" copy
mv copy "$(site apart)/demo/data.txt"
chmod u+w "$(site env)/demo/data.txt"
echo edited >"$(site env)/demo/data.txt"
output=$(cas gc 2>&1)
assert_contains "$output" "1 object was changed in place"
assert_contains "$output" "$here/env"
assert_not_contains "$output" "$here/apart"
