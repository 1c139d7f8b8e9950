#!/usr/bin/env bash
# What a store lacks comes from base stores that are only read: by links, reflinks or copies, without network, compiling or planning, and
# nothing in them is written.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
one=$(make_wheel "$CAS_TEST_TMP/wheels" one 1.0 one/__init__.py='x = 1' one/a.py='a = 1' @one=one:main)
two=$(make_wheel "$CAS_TEST_TMP/wheels" two 1.0 two.py='x = 2')
base=$CAS_TEST_TMP/base
unset PIP_NO_INDEX

# whole DIR: everything there, times included.
whole() { (cd "$1" && find . -printf '%P %y %m %U %l %T@\n' | sort | grep -v '^ d' && find . -type f -print0 | sort -z | xargs -0r sha256sum) | sha256sum; }
# from FIELD < document
from() { json "from_base_stores.$1"; }

CAS_STORE=$base cas create "$CAS_TEST_TMP/first" --base store "$one" >/dev/null
CAS_STORE=$base cas add "$two" >/dev/null
before=$(whole base)

# --- hard links; nothing is compiled, planned, captured or unpacked ---
export CAS_BASE_STORE=$base
out=$(cas create env --base store --json "$one")
assert_eq "$(from packages <<<"$out") $(from plans <<<"$out") $(from interpreters <<<"$out")" "2 2 1"
assert_eq "$(from reflink <<<"$out") $(from copy <<<"$out")" "0 0"
assert_eq "$(json bytecode.compiled <<<"$out") $(json plan_reused <<<"$out") $(json wheels.0.status <<<"$out")" "0 true already"
linked=$(from hardlink <<<"$out")
((linked > 500)) || fail "$linked links"
assert_contains "$(env/bin/python -c 'import one, sys; print(one.x, sys.base_prefix)')" "1 $CAS_STORE/python/"
assert_same_inode env/lib/python3*/site-packages/one/a.py first/lib/python3*/site-packages/one/a.py
assert_eq "$(whole base)" "$before" "the base store"
assert_sound
check_store --contents
# Once: the next one finds all in the store.
out=$(cas create env2 --base store --json "$one")
assert_eq "$(from packages <<<"$out") $(from hardlink <<<"$out")" "0 0"
# The words of it.
assert_contains "$(cas --store other create env3 "$two")" "from base stores: 1 package; 3 hard links"
assert_contains "$(cas store info)" "base store   $base"
assert_eq "$(cas store info --json | json base_stores.0.path)" "$base"
assert_eq "$(cas store info --json | json base_stores.0.packages)" 3
# gc takes nothing from the base, and with what is its own the store goes on without it.
cas remove env2 >/dev/null
cas gc >/dev/null
assert_eq "$(whole base)" "$before" "the base store after gc"
mv base away
assert_eq "$(env/bin/python -c 'import one; print(one.x)')" 1
assert_sound
expect_failure --status 1 cas create env2 "$one"
assert_contains "$OUTPUT" "the base store $base is not there"
CAS_BASE_STORE='' cas create env2 --base store "$one" >/dev/null
mv away base
rm -rf store other env env2 env3

# --- a lock, offline: everything is in the base ---
LOCK_INDEX=http://127.0.0.1:9 lock_of "$one" "$two" > pylock.toml
expect_failure cas --base-store "$CAS_TEST_TMP/other-base" sync --offline env pylock.toml
assert_contains "$OUTPUT" "is not there"
out=$(cas sync --offline --json env pylock.toml)
assert_eq "$(from packages <<<"$out")" 2
cas create --offline env --dry-run pylock.toml >/dev/null
assert_eq "$(env/bin/python -c 'import one, two; print(one.x + two.x)')" 3
# What was resolved there is not asked again.
if uv=$(a_uv) && [[ -n $uv ]]; then
  start_index wheels
  CAS_STORE=$base CAS_BASE_STORE='' cas create asked --resolver "$uv" -i "$INDEX/simple" one >/dev/null
  before=$(whole base)
  asked=$(index_log | wc -l)
  cas --store fresh create --offline answered --resolver "$uv" -i "$INDEX/simple" one >/dev/null
  assert_eq "$(answered/bin/python -c 'import one; print(one.x)')" 1
  assert_eq "$(index_log | wc -l)" "$asked" "the index was asked"
else
  echo "SKIPPED: no uv for what was resolved"
fi
rm -rf store env fresh answered

# --- settings, and the nearer one counts ---
mkdir -p "$HOME/.config/cas"
printf 'base-stores = ["%s"]\n' "$CAS_TEST_TMP/nowhere" > "$HOME/.config/cas/cas.toml"
cas create env "$one" >/dev/null # the variable
expect_failure --status 1 env -u CAS_BASE_STORE "$CAS_BIN" create env3 "$one"
assert_contains "$OUTPUT" "nowhere is not there"
rm "$HOME/.config/cas/cas.toml"
printf 'base-stores = ["base"]\n' > cas.toml
expect_failure cas create env3 "$one"
assert_contains "$OUTPUT" "a project may not set 'base-stores'"
rm cas.toml
expect_failure --status 2 cas --base-store "$CAS_STORE" create env3 "$one"
assert_contains "$OUTPUT" "is named as the store and as a base store"
rm -rf store env

# --- a damaged one: said, and done without ---
cp -a base hurt
victim=hurt/objects/00000000/$(printf 'a = 1' | sha256sum | cut -c1-64)
chmod u+w "$victim"
printf 'a = 9' > "$victim"
out=$(cas --base-store hurt create env "$one" 2>&1)
assert_contains "$out" "not taken over from $CAS_TEST_TMP/hurt"
assert_contains "$out" "has other bytes"
assert_eq "$(cat env/lib/python3*/site-packages/one/a.py)" "a = 1"
assert_sound
rm -rf store env hurt

# --- repair: what is damaged, and what was given up, comes back from there ---
cas --base-store base create env --link-mode copy "$one" >/dev/null
rm wheels/one-*
object=$(echo store/objects/*/"$(printf 'a = 1' | sha256sum | cut -c1-64)")
rm -f "$object"
rm -rf env
assert_contains "$(CAS_BASE_STORE='' cas repair --offline --dry-run 2>&1 || true)" "nobody here has a good copy"
assert_contains "$(cas repair --offline --dry-run)" "would be repaired from $base/objects/"
assert_contains "$(cas repair --offline)" "repaired from $base/objects/"
assert_sound
assert_eq "$(cat "$object")" "a = 1"
one=$(make_wheel "$CAS_TEST_TMP/wheels" one 1.0 one/__init__.py='x = 1' one/a.py='a = 1' @one=one:main)
rm -rf store

# --- a collector at work in the base ---
cp -a base busy
for number in {1..12}; do make_wheel more "m$number" 1.0 "m$number.py=m = $number" >/dev/null; done
(for _ in {1..15}; do CAS_STORE=busy CAS_BASE_STORE='' cas add more/*.whl >/dev/null; CAS_STORE=busy CAS_BASE_STORE='' cas gc --max-age 0s >/dev/null; done) &
for number in {1..12}; do cas --base-store busy create "env$number" "more/m$number-1.0-py3-none-any.whl" >/dev/null || fail "while it is collected: m$number"; done
wait
assert_sound
rm -rf store env* busy

# --- without permission to write, as another user ---
if [[ $(id -u) -eq 0 ]] && type -P setpriv >/dev/null; then
  chmod 755 "$CAS_TEST_TMP"
  mkdir user
  cp "$CAS_BIN" user/cas
  cp -r wheels user
  chown -R 12345:12345 user
  as_user() { (cd user && setpriv --reuid 12345 --regid 12345 --clear-groups env HOME="$PWD" "$@"); }
  if as_user ./cas --version >/dev/null 2>&1; then
    before=$(whole base)
    for words in "list" "store info" "du" "verify" "why one" "show one" "pins" "python list"; do
      # shellcheck disable=SC2086
      as_user CAS_BASE_STORE='' ./cas --store "$base" $words >out 2>&1 || fail "$words: $(cat out)"
    done
    expect_failure --status 1 as_user CAS_BASE_STORE='' ./cas --store "$base" create env wheels/one-1.0-py3-none-any.whl
    assert_contains "$OUTPUT" "--base-store"
    out=$(as_user ./cas --store store create env wheels/one-1.0-py3-none-any.whl --json)
    # Links to root's files are the kernel's to refuse; then it is one of the others.
    (($(from hardlink <<<"$out") + $(from reflink <<<"$out") + $(from copy <<<"$out") > 0)) || fail "nothing taken over"
    as_user ./cas --store store verify --contents >/dev/null
    assert_eq "$(whole base)" "$before" "the base store, by another user"
    # What that user could change is not root's to believe.
    expect_failure --status 1 cas --base-store user/store create env "$one"
    assert_contains "$OUTPUT" "is not trusted"
  else
    echo "SKIPPED: another user cannot run the program here"
  fi
else
  echo "SKIPPED: needs root to be another user, too"
fi
