#!/usr/bin/env bash
# pyvenv.cfg is made anew by every change: what its user wrote there is in the new one, or the old one is kept, and said.
. "$(dirname "$0")/lib.sh"
cd "$CAS_TEST_TMP"
unset CAS_BASE # each has its own
one=$(make_wheel wheels one 1.0 one.py='x = 1')
two=$(make_wheel wheels two 1.0 two.py='x = 1')
kept() { find "$1/.cas" -path '*/kept/*/pyvenv.cfg' | wc -l; }

for base in store system; do
  cas create v --base $base --prompt before "$one" >/dev/null
  sed -i 's/\(include-system-site-packages =\) false/\1 True/; s/^prompt = .*/prompt = mine/' v/pyvenv.cfg
  printf '# my note\n\nmy-key = my value\n' >> v/pyvenv.cfg
  for command in "install v $two" 'uninstall v one' 'rollback v' 'sync v --inexact pylock.toml' \
    "create --allow-existing v $one"; do
    [[ $command != sync* ]] || cas export v -o pylock.toml >/dev/null
    rm -f "$(echo v/lib/python3*/site-packages)"/two.py # so that each has something to do
    # shellcheck disable=SC2086
    cas $command > out 2>&1 || fail "$command: $(cat out)"
    assert_not_contains "$(cat out)" "pyvenv.cfg" "$base: $command"
    assert_contains "$(cat v/pyvenv.cfg)" "include-system-site-packages = true" "$base: $command"
    assert_contains "$(cat v/pyvenv.cfg)" "prompt = 'mine'" "$base: $command"
    assert_eq "$(grep -cE '^(# my note|my-key = my value)$' v/pyvenv.cfg)" 2 "$base: $command"
    assert_eq "$(grep -ci system-site v/pyvenv.cfg)" 1 "$base: $command"
    assert_eq "$(kept v)" 0 "$base: $command"
  done
  v/bin/python -c 'import one' || fail "$base: one"
  assert_contains "$(cas doctor v)" sound

  # A line behind cas's own counts for Python, so it does here.
  sed -i 's/\(include-system-site-packages =\) true/\1 false/; $a include-system-site-packages = true' v/pyvenv.cfg
  cas uninstall v two --quiet
  assert_eq "$(grep -i system-site v/pyvenv.cfg)" "include-system-site-packages = true" "$base"

  # What is not said again stays; where the base cannot have it the old file is kept, and that is said.
  cas create v --base $base "$one" >/dev/null 2> err
  assert_eq "$(grep -c '^# my note' v/pyvenv.cfg)" 1
  if [[ $base == system ]]; then
    assert_eq "$(kept v)" 0 "$base"
    assert_contains "$(cat v/pyvenv.cfg)" "include-system-site-packages = true" "$base"
  else
    assert_contains "$(cat err)" "pyvenv.cfg" "$base"
    assert_contains "$(cat v/.cas/kept/*/pyvenv.cfg)" "prompt = 'mine'" "$base"
    rm -r v/.cas/kept
  fi

  # What names another interpreter is a fault, and kept when it is mended.
  sed -i 's|^home = .*|home = /opt/mine/bin|' v/pyvenv.cfg
  expect_failure cas doctor v
  cas doctor --fix v > out 2>&1 || fail "$(cat out)"
  assert_contains "$(cat out)" "kept below .cas/kept"
  assert_contains "$(cat v/.cas/kept/*/pyvenv.cfg)" "home = /opt/mine/bin" "$base"
  assert_contains "$(cat v/pyvenv.cfg)" "# my note" "$base"
  assert_contains "$(cas doctor v)" sound
  rm -r v/.cas/kept

  # One that is none.
  printf '\377\n' > v/pyvenv.cfg
  cas doctor --fix v > out 2>&1 || fail "$(cat out)"
  assert_eq "$(kept v)" 1 "$base"
  cas remove v >/dev/null
done
assert_sound
