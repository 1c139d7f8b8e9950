#!/usr/bin/env bash
# What a repair gave up comes back from whoever is named later; nothing is given up while somebody who may have it was not asked; and after the
# index was lost, environments are still known to the byte.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
wheel=$(make_wheel wheels demo 1.0 'demo/__init__.py=value = 1' 'demo/data.txt=some data')
plain=$(make_wheel plain other 1.0 'other.py=other = 1')
cas create env --base system --no-index --find-links wheels --find-links plain demo other >/dev/null
cas create twin --base system --no-index --find-links wheels --find-links plain demo other >/dev/null
packages=$(cd env && echo lib/python3*/site-packages)
damage() { # FILE: in place
  chmod u+w "$1"
  echo junk >>"$1"
}
healthy() {
  cas verify --all --contents >report || fail "$(cat report)"
  assert_eq "$(env/bin/python -c 'import demo, other; print(demo.value, other.other)')" "1 1"
}
make_bad() { damage "env/$packages/demo/data.txt"; }
give_up() { # what nobody has is gone from the store
  make_bad
  expect_failure --status 1 cas repair --no-index
  assert_contains "$OUTPUT" "forgotten: demo 1.0"
}

# After a rebuild bytecode and RECORDs are known again, and so is damage to them.
assert_contains "$(cas index rebuild)" "made 1 plan of environments again"
record=env/$packages/demo-1.0.dist-info/RECORD
bytecode=$(echo "env/$packages"/demo/__pycache__/__init__.*.pyc)
for file in "$record" "$bytecode"; do
  damage "$file"
  expect_failure --status 64 cas verify env
  assert_contains "$OUTPUT" "changed-in-place     ${file#env/}"
  assert_contains "$OUTPUT" "shared with $PWD/twin"
  expect_failure --status 8 cas verify
  assert_contains "$OUTPUT" "environments: $PWD/env, $PWD/twin"
done
assert_contains "$(cas repair --no-index --dry-run)" "would be repaired from scratch"
cas repair --no-index >report
assert_contains "$(cat report)" "repaired from scratch: it is made again"
healthy

# A plan that is lost and cannot be made again: said, and no soundness is claimed.
cas create mine --base store --no-index plain/*.whl >/dev/null
tree=$(find "$CAS_STORE/python" -mindepth 1 -maxdepth 1 | head -n 1)
mv "$tree" tree
assert_contains "$(cas index rebuild 2>&1)" "which bytecode was placed is not known any more: $PWD/mine:"
expect_failure --status 64 cas verify mine
assert_contains "$OUTPUT" "unchecked"
mv tree "$tree"
assert_contains "$(cas verify mine)" "sound"
cas remove mine >/dev/null

# What was given up comes back, whoever is named: a folder, find-links, another store, an index.
cas --store other add "$wheel" >/dev/null
mv wheels away
start_index away
for how in away "--find-links away" "--find-links file://$PWD/away" "--offline --find-links away" away/demo-1.0-py3-none-any.whl "--from other" "--index-url $INDEX/simple"; do
  give_up
  offline=--no-index
  # The same, foreseen; a dry run asks no index.
  # shellcheck disable=SC2086
  [[ $how == --index-url* ]] || assert_contains "$(cas repair --no-index $how --dry-run)" "1 file would be linked anew" "$how"
  [[ $how != --index-url* ]] || { offline=; unset PIP_NO_INDEX; }
  # shellcheck disable=SC2086
  assert_contains "$(cas repair $offline --dry-run $how 2>&1 || true)" "demo 1.0: environments need it" "$how"
  # shellcheck disable=SC2086
  cas repair $offline $how >report || fail "$how: $(cat report)"
  assert_contains "$(cat report)" "demo 1.0: environments need it, and the store does not have it: repaired from" "$how"
  assert_contains "$(cat report)" "$PWD/env: 1 file linked anew" "$how"
  assert_contains "$(cat report)" "$PWD/twin: 1 file linked anew" "$how"
  healthy
  assert_eq "$(cat "twin/$packages/demo/data.txt")" "some data" "$how"
  [[ -z $(ls "$CAS_STORE/quarantine") ]] || fail "$how: the quarantine is not empty"
done

# The same sources serve what is not given up yet.
for how in "--find-links away" "--offline --find-links file://$PWD/away"; do
  make_bad
  # shellcheck disable=SC2086
  cas repair --no-index $how >report || fail "$how: $(cat report)"
  assert_contains "$(cat report)" "repaired from $PWD/away/demo-1.0-py3-none-any.whl: demo/data.txt" "$how"
  healthy
done

# While it is gone: which package, which file, and everything else is still looked at.
give_up
cas create apart --link-mode copy --no-index "$plain" >/dev/null
for command in "verify env" "doctor env"; do
  # shellcheck disable=SC2086
  expect_failure cas $command
  assert_contains "$OUTPUT" "missing-package" "$command"
  assert_contains "$OUTPUT" "demo 1.0: the store does not have it" "$command"
  assert_contains "$OUTPUT" "$packages/demo/data.txt is the damaged file" "$command"
  assert_not_contains "$OUTPUT" "other 1.0" "$command"
  assert_not_contains "$OUTPUT" "another tool" "$command"
done
expect_failure --status 1 cas doctor --fix env
assert_contains "$OUTPUT" "demo 1.0 of $PWD/env is not in the store"
assert_contains "$(cas verify)" "1 damaged file in quarantine"
assert_contains "$(cas verify)" "demo 1.0, which environments need, is not in the store: $PWD/env, $PWD/twin"
assert_eq "$(cas verify --json | json lost_packages.0.name)" demo
assert_eq "$(cas verify --json | json quarantine.0.environments)" "[\"$PWD/env\", \"$PWD/twin\"]"
cas repair --no-index away >/dev/null
healthy

# Nobody answers: the damaged file is out of reach, and nothing is forgotten.
make_bad
expect_failure --status 1 cas repair --index-url http://127.0.0.1:9/simple
assert_contains "$OUTPUT" "could not be asked"
assert_contains "$OUTPUT" "nothing is made of it until"
assert_not_contains "$OUTPUT" "forgotten"
expect_failure --status 8 cas verify
expect_failure --status 1 cas create new --no-index other==1.0 demo==1.0
assert_absent new
expect_failure --status 1 cas clone env new
assert_contains "$OUTPUT" "cas repair"
assert_absent new
expect_failure --status 1 cas repair --no-index --find-links nowhere
assert_contains "$OUTPUT" "nowhere"
expect_failure --status 1 cas repair --no-index nowhere.whl
expect_failure --status 2 cas repair --from "$CAS_STORE"
expect_failure --status 8 cas verify
cas repair --no-index --index-url "$INDEX/simple" --find-links away >/dev/null
healthy
[[ -z $(ls "$CAS_STORE/quarantine") ]] || fail "the quarantine is not empty"

# Bytecode is never made of a source that is not what its digest says, however well that is hidden: it would outlive the repair.
third=$(make_wheel away third 1.0 'third.py=third = 1')
cas create bare --no-compile-bytecode "$third" >/dev/null
python3 - "bare/$packages/third.py" <<'PYTHON'
import os, sys
path = sys.argv[1]
info = os.stat(path)
os.chmod(path, 0o644)
with open(path, "r+b") as file:
    file.write(b"third = 2")
os.chmod(path, info.st_mode & 0o7777)
os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
PYTHON
expect_failure --status 1 cas create compiled "$third"
assert_contains "$OUTPUT" "was changed in place"
assert_contains "$OUTPUT" "cas repair"
cas repair --contents --no-index away >/dev/null
cas create compiled "$third" >/dev/null
assert_eq "$(compiled/bin/python -c 'import third; print(third.third)')" 1
assert_sound

# Environments that are elsewhere are not called sound: how many there are is said. What is sound is left out with --quiet.
mv compiled moved
assert_contains "$(cas verify --all)" "1 environment not looked at, because it is not where it was made: $PWD/compiled"
assert_eq "$(cas verify --all --json | json not_looked_at)" "[\"$PWD/compiled\"]"
rm "env/$packages/other.py"
expect_failure --status 64 cas verify --all --quiet
assert_contains "$OUTPUT" "$PWD/env: not as it was made"
assert_not_contains "$OUTPUT" "$PWD/twin"
assert_eq "$(cas doctor --quiet twin)" ""
