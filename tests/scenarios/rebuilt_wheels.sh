#!/usr/bin/env bash
# A wheel that was built once more with the same version: other content is put in place of what is there, and said.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

# built VALUE: the wheel again, with this in it.
built() { wheel=$(make_wheel dist pkg 1.0 "pkg.py=x = $1"); }
value() { "$1/bin/python" -c 'import pkg; print(pkg.x)'; }
# replaced WHAT COMMAND...: the command succeeds, and the environment has the newest content.
replaced() {
  cas "${@:2}" >out 2>&1 || fail "$1: $(cat out)"
  assert_eq "$(value env)" "$number" "$1"
  assert_contains "$(cas doctor env)" sound
}

number=1
built 1
cas create env "$wheel" >/dev/null
assert_eq "$(value env)" 1
assert_contains "$(cas install env "$wheel")" "already there: pkg 1.0"

number=2
built 2
assert_eq "$(cas install env "$wheel" --dry-run | head -1)" "would put there again: pkg 1.0"
assert_eq "$(value env)" 1
replaced "a wheel" install env "$wheel"
assert_contains "$(cat out)" "put there again: pkg 1.0"
assert_not_contains "$(cat out)" "already there"
assert_eq "$(cas install env "$wheel" --json | json already.0)" "pkg 1.0"

# A lock says which files it means.
number=3
built 3
cas lock -o pylock.toml pkg --no-index --find-links dist >/dev/null
assert_eq "$(cas install env pylock.toml --dry-run | head -1)" "would put there again: pkg 1.0"
replaced "a lock, installed" install env pylock.toml
assert_contains "$(cat out)" "put there again: pkg 1.0"
assert_contains "$(cas install env pylock.toml)" "already there: pkg 1.0"
number=4
built 4
cas lock -o pylock.toml pkg --no-index --find-links dist --refresh >/dev/null
replaced "a lock, synced" sync env pylock.toml
number=5
built 5
replaced "created anew" create env "$wheel"
# A name does not: what is there satisfies it.
number=5
built 6
replaced "a name" install env pkg --no-index --find-links dist
assert_contains "$(cat out)" "already there: pkg 1.0"

# By its address, which needs whoever finds versions.
if [[ -n $(a_uv) ]]; then
  have_resolver
  number=7
  built 7
  replaced "an address" install env "pkg @ file://$PWD/$wheel"
  assert_contains "$(cat out)" "put there again: pkg 1.0"
  assert_contains "$(cas install env "pkg @ file://$PWD/$wheel")" "already there: pkg 1.0"
else
  echo "not tested: a wheel by its address (no uv)"
fi

# What pip put there.
cas create other >/dev/null
if python3 -m pip --python other/bin/python install -q --no-index "$wheel" 2>/dev/null; then
  built 8
  assert_contains "$(cas install other "$wheel")" "put there again: pkg 1.0"
  assert_eq "$(value other)" 8
else
  echo "not tested: a package of another tool (this pip cannot install from outside)"
fi
assert_sound
