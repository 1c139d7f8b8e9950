#!/usr/bin/env bash
# A store in the lower layer of an overlay, as in a container without a volume: every command works on top.
. "$(dirname "$0")/lib.sh"
own_mounts || skip "needs root and a mount namespace of its own"
mkdir lower upper merged
one=$(make_wheel wheels one 1.0 one.py='x = 1')
two=$(make_wheel wheels two 1.0 two.py='x = 2')
CAS_STORE=$CAS_TEST_TMP/lower/store
cas create lower/old "$one" >/dev/null
before=$(tree_sum lower)
mount -t tmpfs none upper
cas_test_mounts+=("$CAS_TEST_TMP/upper")
mkdir upper/upper upper/work
mount -t overlay -o lowerdir=lower,upperdir=upper/upper,workdir=upper/work none merged 2>error ||
  skip "no overlay filesystem here: $(cat error)"
cas_test_mounts+=("$CAS_TEST_TMP/merged")

CAS_STORE=$CAS_TEST_TMP/merged/store
cas verify --contents >/dev/null
cas add "$two" >/dev/null
cas create merged/new "$one" "$two" >/dev/null
assert_eq "$(merged/new/bin/python -B -c 'import one, two; print(one.x + two.x)')" 3
cas create merged/new "$two" >/dev/null
assert_eq "$(merged/new/bin/python -B -c 'import two; print(two.x)')" 2
assert_eq "$(merged/old/bin/python -B -c 'import one; print(one.x)')" 1
cas gc >/dev/null
cas verify --contents >/dev/null
assert_eq "$(merged/old/bin/python -B -c 'import one; print(one.x)')" 1 "what lies in the lower layer"
cas remove merged/new >/dev/null
assert_absent merged/new
cas gc >/dev/null
cas verify --contents >/dev/null
assert_no_scratch merged
assert_eq "$(tree_sum lower)" "$before" "the lower layer"
