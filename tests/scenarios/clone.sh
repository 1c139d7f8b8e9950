#!/usr/bin/env bash
# A clone has what its source was made of, from the store alone, in every kind of environment; changes of the user's are said, or copied.
. "$(dirname "$0")/lib.sh"
one=$(make_wheel wheels one 1.0 one/__init__.py='def main(): print("one runs")' one/data.txt=data @one=one:main)
two=$(make_wheel wheels two 1.0 two.py='y = 1')
three=$(make_wheel wheels three 3.0 three.py='def main():
    import sys
    print(sys.prefix)' @three=three:main)

for kind in system store standalone; do
  cas create "e.$kind" --base "$kind" --prompt given --find-links wheels "$one" two >/dev/null
done
rm -r wheels/one* wheels/two* # nothing but the store is needed

# below ENV: every file's path, kind and content but those that name the environment or are the anchor.
content() {
  (cd "$1" && find . \( -path ./.cas -o -name __pycache__ -o -path './bin/one' -o -name RECORD -o -path './bin/activate*' -o \
    -name Activate.ps1 -o -name pyvenv.cfg \) -prune -o ! -type d -printf '%P %y %m %l\n' | sort)
}
for kind in system store standalone; do
  report=$(cas clone --json "e.$kind" "e.$kind.2")
  assert_eq "$(json base <<<"$report") $(json plan_reused <<<"$report") $(json added <<<"$report")" "$kind true 0"
  assert_eq "$(json edited <<<"$report") $(json missing <<<"$report") $(json other_packages <<<"$report")" "0 0 []"
  assert_eq "$(content "e.$kind.2")" "$(content "e.$kind")" "$kind"
  assert_eq "$("e.$kind.2/bin/one")" "one runs"
  assert_eq "$("e.$kind.2/bin/python" -c 'import sys, two; print(sys.prefix)')" "$CAS_TEST_TMP/e.$kind.2"
  assert_not_contains "$(cat "e.$kind.2/pyvenv.cfg")" prompt
  assert_contains "$(cat "e.$kind.2/pyvenv.cfg" "e.$kind.2/bin/activate")" "$CAS_TEST_TMP/e.$kind.2"
  for file in pyvenv.cfg bin/activate bin/one; do
    grep -qE "$CAS_TEST_TMP/e\.$kind([^.]|\$)" "e.$kind.2/$file" && fail "$kind: $file names the source"
  done
  site=$(cd "e.$kind" && echo lib/python3*/site-packages)
  assert_same_inode "e.$kind/$site/one/data.txt" "e.$kind.2/$site/one/data.txt"
  # Whatever says where packages came from.
  assert_exists "e.$kind.2/$site/one-1.0.dist-info/direct_url.json"
  assert_absent "e.$kind.2/$site/two-1.0.dist-info/direct_url.json"
  assert_same_inode "e.$kind/$site/one-1.0.dist-info/direct_url.json" "e.$kind.2/$site/one-1.0.dist-info/direct_url.json"
  assert_exists "e.$kind.2/$site/two-1.0.dist-info/REQUESTED"
  assert_eq "$(cas show --json "./e.$kind.2" | json environment.packages)" "$(cas show --json "./e.$kind" | json environment.packages)"
done

# Options follow.
cas create options --base system --system-site-packages --relocatable --no-compile-bytecode --link-mode copy "$three" >/dev/null
cas clone options options.2 >/dev/null
assert_contains "$(cat options.2/pyvenv.cfg)" "include-system-site-packages = true"
assert_eq "$(cat options/bin/three)" "$(cat options.2/bin/three)"
assert_eq "$(find options.2 -name '*.pyc')" ''
assert_eq "$(find options.2/lib -name three.py -links 1 | wc -l)" 1
assert_eq "$(cas show --json ./options.2 | json environment.link_mode)" copy

# What the user did since.
cas clone e.system changed >/dev/null
site=$(cd changed && echo lib/python3*/site-packages)
python3 -m pip --python changed/bin/python install -q --no-index --no-deps "$three" || skip "no pip that knows --python"
mkdir changed/notes
printf 'mine\n' >changed/notes/plan
ln -s "$CAS_TEST_TMP/changed/notes/plan" changed/link
rm "changed/$site/one/data.txt"
printf 'y = 2\n' >changed/mine && mv changed/mine "changed/$site/two.py"
said=$(cas clone changed plain 2>&1)
assert_contains "$said" "cas did not install it: three 3.0"
assert_contains "$said" "1 edited, 1 removed"
assert_eq "$(content plain)" "$(content e.system)" "as it was made"
report=$(cas clone --json changed full --with-changes)
assert_eq "$(json other_packages <<<"$report") $(json edited <<<"$report") $(json missing <<<"$report")" '["three 3.0"] 1 1'
assert_eq "$(full/bin/three)" "$CAS_TEST_TMP/full" "pip's script starts the clone's Python"
assert_eq "$(full/bin/python -c 'import two; print(two.y)')" 2
assert_eq "$(cat full/notes/plan; readlink full/link)" "mine
$CAS_TEST_TMP/full/notes/plan"
assert_absent "full/$site/one/data.txt"
assert_eq "$(stat -c %h full/notes/plan)" 1 "a copy of its own"
# RECORD of what pip installed fits the script that was written anew.
full/bin/python - "full/$site/three-3.0.dist-info/RECORD" <<'PYTHON'
import base64, csv, hashlib, os, sys
record = sys.argv[1]
for path, digest, size in csv.reader(open(record)):
    if path.endswith("bin/three"):
        data = open(os.path.join(os.path.dirname(os.path.dirname(record)), path), "rb").read()
        found = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        assert (digest, int(size)) == (found, len(data)), (digest, size)
        break
else:
    sys.exit("no row for the script")
PYTHON
assert_eq "$(changed/bin/three)" "$CAS_TEST_TMP/changed" "the source is as it was"

# Directories that became links, and a link that became a directory.
cas clone changed relinked --with-changes >/dev/null
mkdir "$CAS_TEST_TMP/headers"
rm -r relinked/include
ln -s "$CAS_TEST_TMP/headers" relinked/include
mv relinked/lib "$CAS_TEST_TMP/elsewhere" && ln -s "$CAS_TEST_TMP/elsewhere" relinked/lib
rm relinked/lib64 && mkdir relinked/lib64 && touch relinked/lib64/mine
records=$(cat elsewhere/python3*/site-packages/*/RECORD | sha256sum)
cas clone relinked relinked.2 --with-changes >/dev/null
assert_eq "$(readlink relinked.2/include) $(readlink relinked.2/lib)" "$CAS_TEST_TMP/headers $CAS_TEST_TMP/elsewhere"
assert_exists relinked.2/lib64/mine
assert_eq "$(cat elsewhere/python3*/site-packages/*/RECORD | sha256sum)" "$records" "nothing is written through a link"
assert_eq "$(relinked.2/bin/python -c 'import two; print(two.y)')" 2

cas clone changed -n named >/dev/null
cas clone named again >/dev/null
assert_exists again/bin/one
mv again moved
cas clone moved from-moved >/dev/null
assert_eq "$(from-moved/bin/one)" "one runs"

expect_failure --status 2 cas clone changed plain
assert_contains "$OUTPUT" "exists"
expect_failure --status 2 cas clone changed changed/inside
expect_failure --status 2 cas clone changed "$CAS_STORE/inside"
expect_failure --status 2 cas clone changed
expect_failure --status 1 cas clone nothing x
assert_absent x
cp -a changed copy
expect_failure --status 1 cas clone copy x
tree=$(find store/python -mindepth 1 -maxdepth 1 | head -n 1)
mv "$tree" away
expect_failure --status 1 cas clone e.standalone x
assert_contains "$OUTPUT" "no longer in the store"
mv away "$tree" # else it is missed
assert_no_scratch "$CAS_TEST_TMP"
assert_sound
