#!/usr/bin/env bash
# Two packages with different bytes for one path: named, the later by name wins, and without it the other's is back.
. "$(dirname "$0")/lib.sh"
alpha=$(make_wheel wheels alpha 1.0 tests/common.py='owner = "alpha"' same.py='x = 1' alpha.py=)
beta=$(make_wheel wheels beta 1.0 tests/common.py='owner = "beta"' same.py='x = 1' beta.py=)
owner() {
  env/bin/python -B -c 'from tests.common import owner; print(owner)'
}

for order in "$alpha $beta" "$beta $alpha"; do
  # shellcheck disable=SC2086
  warning=$(cas create env $order 2>&1 >/dev/null)
  assert_contains "$warning" alpha
  assert_contains "$warning" beta
  assert_contains "$warning" tests/common.py
  assert_not_contains "$warning" same.py
  assert_eq "$(owner)" beta
  rm -rf env
done
conflict=$(cas create env --json "$alpha" "$beta" 2>/dev/null | json conflicts)
assert_eq "$(json 0.winner <<<"$conflict" | cut -d' ' -f1)" beta
assert_eq "$(json 0.loser <<<"$conflict" | cut -d' ' -f1)" alpha
assert_contains "$(json 0.path <<<"$conflict")" tests/common.py

assert_eq "$(cas create env "$alpha" 2>&1 >/dev/null)" "" "no conflict is left"
assert_eq "$(owner)" alpha "restored"
assert_absent env/lib/python3*/site-packages/beta.py
cas create env "$beta" >/dev/null
assert_eq "$(owner)" beta

before=$(tree_sum env)
expect_failure --status 1 cas create env --strict-conflicts "$alpha" "$beta"
assert_contains "$OUTPUT" tests/common.py
assert_eq "$(tree_sum env)" "$before" "refused: the environment is as it was"
expect_failure --status 1 cas create fresh --strict-conflicts "$alpha" "$beta"
assert_absent fresh
assert_no_scratch .
assert_sound
