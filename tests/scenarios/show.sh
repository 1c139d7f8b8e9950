#!/usr/bin/env bash
# `cas show` says of an environment what it is, in every kind, and also by the path that it was moved away from.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1')
python=$(pythons 3.8 | sed -n 1p)
python=${python%% *}
[[ -n $python ]] || skip "no Python found"

cas create -n tools -p "$python" --prompt 'my tools' "$wheel" >/dev/null
shown=$(cas show tools --json)
assert_eq "$(json environment.name <<<"$shown") $(json environment.prompt <<<"$shown")" "tools my tools"
assert_contains "$(cas show tools)" "kind         system"
env=$(json environment.path <<<"$shown")
assert_eq "$(json environment.files <<<"$shown") $(json environment.directories <<<"$shown")" \
  "$(find "$env" ! -type d | wc -l) $(find "$env" -type d | wc -l)"
du=$(cas du --json tools)
assert_eq "$(json environment.own_bytes <<<"$shown")" "$(json environments.0.freed_by_removal_bytes <<<"$du")"
assert_eq "$(json environment.shared_bytes <<<"$shown")" "$(json environments.0.shared_bytes <<<"$du")"

# A standalone one's Python is its own, and no package.
cas create alone -p "$python" --standalone --no-compile-bytecode "$wheel" >/dev/null
shown=$(cas show alone --json)
assert_eq "$(json environment.interpreter <<<"$shown")" "$PWD/alone/bin/python"
assert_eq "$(json environment.packages <<<"$shown" | grep -o '"name"' | wc -l)" 1
assert_contains "$(cas show alone)" "its own ($PWD/alone/bin/python)"
assert_not_contains "$(cas show alone)" "cpython "

# Moved: the path in the list is known, as what it is.
mv alone elsewhere
for word in alone ./alone "$PWD/alone"; do
  assert_contains "$(cas show "$word")" "moved: it was made here, and is not here now"
  assert_contains "$(cas show "$word")" "demo"
done
assert_eq "$(cas show alone --json | json environment.files)" ''
assert_eq "$(cas show ./elsewhere --json | json environment.path)" "$PWD/elsewhere"
rm -r elsewhere
expect_failure --status 1 cas show alone
assert_contains "$OUTPUT" "no package 'alone' in the store"
