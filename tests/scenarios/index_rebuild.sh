#!/usr/bin/env bash
# A lost or damaged index: the message names `cas index rebuild`, and that brings everything back.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1' data/a.txt=a data/b.txt=b)
other=$(make_wheel wheels other 1.0 other.py='y = 1' data/c.txt=a)
cas create env "$wheel" >/dev/null
cas add "$other" >/dev/null
before=$(cas store info --json | json objects)
index=$CAS_STORE/index/data.mdb

# damage NAME: of the data file.
damage() {
  case $1 in
    deleted) rm "$index" ;;
    overwritten) head -c 65536 /dev/urandom | dd of="$index" conv=notrunc status=none ;;
    text) echo 'not a database' > "$index" ;;
    cut) truncate -s 8192 "$index" ;;
  esac
}

for how in deleted overwritten text cut; do
  damage "$how"
  for command in 'verify' 'create fresh' 'store info' 'list' 'gc'; do
    # shellcheck disable=SC2086
    expect_failure cas $command
    assert_contains "$OUTPUT" "cas index rebuild" "$how: cas $command"
  done
  assert_absent fresh
  rebuilt=$(cas index rebuild --json)
  assert_eq "$(json packages <<<"$rebuilt")" 2 "$how"
  assert_eq "$(json incomplete <<<"$rebuilt")" "[]" "$how"
  assert_eq "$(cas store info --json | json objects)" "$before" "$how"
  assert_sound
  assert_eq "$(cas list --json | json environments.0.state)" live
  assert_contains "$(cas add "$wheel" "$other")" "already there"
  cas create fresh "$other" >/dev/null
  rm -rf fresh
  cas gc --quiet
  cas add "$other" >/dev/null
done

# A damaged object does not come back; its package is named.
object=$(find "$CAS_STORE/objects" -type f -size -3c | head -1)
chmod u+w "$object"
printf z > "$object"
rm "$index"
expect_failure cas verify
expect_failure cas index rebuild
assert_contains "$OUTPUT" demo
assert_contains "$OUTPUT" "; removed 1 file that was no sound object"
cas add "$wheel" "$other" >/dev/null
assert_sound

# A rebuild that was killed half-way must not pass for a whole one: the collector would take what it misses for garbage.
for step in rebuild-begun rebuild-objects rebuild-packages; do
  expect_failure --status 137 env "CAS_FAILPOINT=$step:kill" "$CAS_BIN" index rebuild
  for command in verify gc list; do
    expect_failure cas "$command"
    assert_contains "$OUTPUT" "cas index rebuild" "$step: cas $command"
  done
  cas index rebuild >/dev/null
  assert_sound
  assert_contains "$(cas add "$wheel" "$other")" "already there" "$step"
done
