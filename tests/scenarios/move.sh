#!/usr/bin/env bash
# A moved environment is one of its new place, in every kind: what names the place follows, what the user did to it stays.
. "$(dirname "$0")/lib.sh"
one=$(make_wheel wheels one 1.0 one/__init__.py='def main(): print("one runs")' one/data.txt=data @one=one:main)
three=$(make_wheel wheels three 3.0 three.py='def main():
    import sys
    print(sys.prefix)' @three=three:main)

# names PLACE ENV: files of ENV that hold PLACE and no more letters; bytecode and the anchor apart.
names() {
  grep -rlE --exclude-dir=__pycache__ --exclude-dir=.cas "$CAS_TEST_TMP/$1([^.[:alnum:]]|\$)" "$2" || true
}
# sum_of DIR: one digest of everything below but anchors and bytecode that Python wrote.
sum_of() {
  (cd "$1" && find . \( -name .cas -o -name __pycache__ \) -prune -o -printf '%P %y %m %l\n' | sort &&
    find . \( -name .cas -o -name __pycache__ \) -prune -o -type f -print0 | sort -z | xargs -0r sha256sum) | sha256sum
}
# moved_ones: how many environments are not where they were made.
moved_ones() {
  cas list --json | json environments | { grep -o '"moved"' || true; } | wc -l
}
# records_fit ENV: every row of every RECORD is right.
records_fit() {
  "$1/bin/python" - "$1"/lib/python3*/site-packages/*.dist-info/RECORD <<'PYTHON'
import base64, csv, hashlib, os, sys
for record in sys.argv[1:]:
    for path, digest, size in csv.reader(open(record)):
        if not digest:
            continue
        data = open(os.path.join(os.path.dirname(os.path.dirname(record)), path), "rb").read()
        found = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        assert (digest, int(size)) == (found, len(data)), (record, path)
PYTHON
}

for kind in system store standalone; do
  cas create "e.$kind" --base "$kind" --prompt given "$one" >/dev/null
  cas create "fresh.$kind" --base "$kind" --prompt given "$one" >/dev/null
  before=$(sum_of "e.$kind")
  report=$(cas move --json "e.$kind" "m.$kind")
  assert_eq "$(json from <<<"$report") $(json path <<<"$report")" "$CAS_TEST_TMP/e.$kind $CAS_TEST_TMP/m.$kind"
  assert_absent "e.$kind"
  assert_eq "$(names "e.$kind" "m.$kind")" '' "$kind: names its old place"
  assert_eq "$("m.$kind/bin/one")" "one runs" "$kind"
  assert_eq "$("m.$kind/bin/python" -c 'import sys; print(sys.prefix)')" "$CAS_TEST_TMP/m.$kind"
  assert_eq "$(sh -c '. "$0/bin/activate"; echo "$VIRTUAL_ENV $VIRTUAL_ENV_PROMPT"' "./m.$kind")" "$CAS_TEST_TMP/m.$kind given"
  records_fit "m.$kind"
  # As if it had been made there: a change finds nothing that it takes for the user's.
  mv "fresh.$kind" "f.$kind"
  assert_eq "$(cas create "m.$kind" --base "$kind" "$one" --prompt given 2>&1 >/dev/null)" '' "$kind: nothing counts as edited"
  # And back, to the last byte.
  cas move "m.$kind" "e.$kind" >/dev/null
  assert_eq "$(sum_of "e.$kind")" "$before" "$kind: there and back"
  # By the user's own mv; then either way puts it right.
  mv "e.$kind" "m.$kind"
  assert_eq "$(moved_ones)" 2 "$kind"
  cas move "m.$kind" >/dev/null
  cas move "fresh.$kind" "f.$kind" >/dev/null
  assert_eq "$(moved_ones)" 0 "$kind"
  for env in "m.$kind" "f.$kind"; do
    assert_eq "$("$env/bin/one")" "one runs" "$kind"
    assert_eq "$(names "e.$kind" "$env")$(names "fresh.$kind" "$env")" ''
    assert_eq "$(stat -c %h "$env/.cas/anchor")" 2
  done
  cas remove "f.$kind" >/dev/null
done

# Odd places: heads of scripts change their form, and back.
cas create here "$one" >/dev/null
before=$(sum_of here)
for place in 'a b' "it's \$(x) \"q\"" 'größe' "$(printf 'long%.0s' {1..40})"; do
  mkdir -p "$place"
  cas move here "$place/env" >/dev/null
  assert_eq "$("$place/env/bin/one")" "one runs" "$place"
  records_fit "$place/env"
  cas move "$place/env" here >/dev/null
  assert_eq "$(sum_of here)" "$before" "$place"
done

# What the user did is not undone: neither removed files come back, nor are others replaced.
site=$(cd here && echo lib/python3*/site-packages)
python3 -m pip --python here/bin/python install -q --no-index --no-deps "$three" || skip "no pip that knows --python"
rm "here/$site/one/data.txt"
printf 'mine\n' >here/note
sed -i 's/^import sys$/import sys  # mine/' here/bin/one
printf 'export MINE=1\n' >>here/bin/activate
cas move here there >/dev/null
assert_eq "$(there/bin/three)" "$CAS_TEST_TMP/there" "pip's script"
assert_contains "$(cat there/bin/one)" "# mine"
assert_eq "$(there/bin/one)" "one runs"
assert_contains "$(cat there/bin/activate)" "MINE=1"
assert_eq "$(cat there/note)" mine
assert_absent "there/$site/one/data.txt"
assert_absent there/.cas/kept

# Names.
cas move there -n tools >/dev/null
assert_eq "$(cas run tools one)" "one runs"
cas rename tools old-tools >/dev/null
assert_eq "$(store-envs/old-tools/bin/one)" "one runs"
expect_failure --status 2 cas rename old-tools a/b
cas move old-tools there >/dev/null
cas rename ./there place >/dev/null
assert_eq "$(place/bin/one)" "one runs"
cas move place "deep/er/place" >/dev/null
cas rename deep/er/place other >/dev/null
assert_eq "$(deep/er/other/bin/one)" "one runs"

# What is refused changes nothing.
before=$(sum_of deep)
mkdir taken
for to in taken deep/er/other/inside "$CAS_STORE/x" "$CAS_TEST_TMP/taken"; do
  expect_failure --status 2 cas move deep/er/other "$to"
done
expect_failure --status 1 cas move nothing x
expect_failure --status 1 cas move nothing deep/er/other
expect_failure --status 1 cas move taken x
ln -s deep/er/other link
expect_failure --status 2 cas move link x
cp -a deep/er/other copy
expect_failure --status 1 cas move copy x
expect_failure --status 1 env CAS_FAILPOINT=moved:enospc "$CAS_BIN" move deep/er/other x
assert_eq "$(sum_of deep)" "$before"
assert_absent x

# Killed: the next command goes on, whichever it is.
for step in move-marked moved refit-staged journal change-anchored; do
  for next in "cas list" "cas gc" "cas du" "cas show ./x" "cas move deep/er/other x"; do
    expect_failure --status 137 env CAS_FAILPOINT=$step:kill "$CAS_BIN" move deep/er/other x
    $next >/dev/null 2>&1 || true
    if [[ -e x ]]; then
      assert_absent deep/er/other
      assert_eq "$(x/bin/one)" "one runs" "$step, $next"
      cas move x deep/er/other >/dev/null
    fi
    cas gc >/dev/null
    assert_no_scratch deep
    assert_eq "$(deep/er/other/bin/one)" "one runs" "$step, $next"
  done
done
rm -r copy
assert_no_scratch "$CAS_TEST_TMP"
assert_sound
