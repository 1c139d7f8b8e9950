#!/usr/bin/env bash
# cas upgrade: an environment over another Python, in place, with the packages in their versions; environments over an original that
# has changed follow it.
. "$(dirname "$0")/lib.sh"
unset CAS_BASE
mapfile -t all < <(pythons 3.8)
((${#all[@]} >= 2)) || skip "needs two Pythons"
old=${all[0]} new=${all[-1]}
version() { "$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])'; }
[[ $(version "$old") != $(version "$new") ]] || skip "needs two versions of Python"
make_wheel . demo 1.0 'demo/__init__.py=value = 1' '@demo-tool=demo:main' >/dev/null

for base in store system standalone; do
  cas create env -p "$old" --base "$base" demo-1.0-py3-none-any.whl >/dev/null
  echo 'mine = 1' > "$(echo env/lib/python3*/site-packages)/mine.py"
  assert_contains "$(cas upgrade env -p "$new" --dry-run)" "would move"
  assert_eq "$(version env/bin/python)" "$(version "$old")"
  upgraded=$(cas upgrade env -p "$new" --json)
  assert_eq "$(json environments.0.changed <<< "$upgraded")" true "$base: $upgraded"
  assert_eq "$(version env/bin/python)" "$(version "$new")" "$base"
  assert_eq "$(env/bin/python -c 'import demo; print(demo.value)')" 1 "$base"
  assert_contains "$(head -3 env/bin/demo-tool)" python
  assert_eq "$(cas upgrade env -p "$new" --json | json environments.0.changed)" false "$base: again"
  assert_contains "$(cas doctor env || true)" "env: sound"
  rm -r env
done

# A wheel for one version stays behind.
tag_of() { "$1" -c 'import sys; print("cp%d%d" % sys.version_info[:2])'; }
tag=$(tag_of "$old")
bound_wheel() { # TAG
  python3 - "$1" << 'PYTHON'
import base64, hashlib, sys, zipfile
tag = sys.argv[1]
files = {"bound.py": "x = 1\n", "bound-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: bound\nVersion: 1.0\n",
         "bound-1.0.dist-info/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}-none-any\n"}
rows = "".join("%s,sha256=%s,%d\n" % (name, base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode(),
                                      len(text)) for name, text in files.items())
with zipfile.ZipFile(f"bound-1.0-{tag}-none-any.whl", "w") as archive:
    for name, text in files.items():
        archive.writestr(name, text)
    archive.writestr("bound-1.0.dist-info/RECORD", rows + "bound-1.0.dist-info/RECORD,,\n")
PYTHON
}
bound_wheel "$tag"
cas create bound -p "$old" "bound-1.0-$tag-none-any.whl" >/dev/null
expect_failure cas upgrade bound -p "$new"
assert_contains "$OUTPUT" "bound 1.0"
assert_eq "$(version bound/bin/python)" "$(version "$old")"

# --all with a Python: every environment that stands on another one; what cannot be moved is skipped.
for name in first second; do cas create "$name" -p "$old" demo-1.0-py3-none-any.whl >/dev/null; done
cas create there -p "$new" demo-1.0-py3-none-any.whl >/dev/null
would=$(cas upgrade --all -p "$new" --dry-run 2>&1) && fail "exit status 0 with a skipped environment"
assert_contains "$would" "$PWD/first: would move from Python $(version "$old") to $(version "$new")"
assert_contains "$would" "skipped: $PWD/bound"
assert_not_contains "$would" "$PWD/there"
assert_eq "$(version first/bin/python)" "$(version "$old")"
expect_failure --status 1 cas upgrade --all -p "$new"
assert_contains "$OUTPUT" "skipped: $PWD/bound"
for name in first second there; do assert_eq "$(version "$name/bin/python")" "$(version "$new")" "$name"; done
rm -r bound
assert_contains "$(cas upgrade --all -p "$new")" "no environment stands on another Python than CPython $(version "$new")"
expect_failure --status 1 cas upgrade --all -p 3.99

# The original changes: --all moves those that stand on the old capture.
cp -a "$(cas python add "$new" --json | json python.tree)" original
rm -r original/.cas original/lib/python3*/EXTERNALLY-MANAGED
original=$(echo "$PWD"/original/bin/python3.*[0-9])
cas create follows -p "$original" demo-1.0-py3-none-any.whl >/dev/null
cas create stays -p "$old" demo-1.0-py3-none-any.whl >/dev/null
printf 'value = 2\n' > "$(echo original/lib/python3*/)/brand_new_module.py"
assert_contains "$(cas doctor follows)" interpreter-outdated
assert_eq "$(cas upgrade --all --json | json environments | grep -o '"changed": true' | wc -l)" 1
assert_eq "$(follows/bin/python -c 'import brand_new_module, demo; print(brand_new_module.value, demo.value)')" "2 1"
assert_not_contains "$(cas doctor follows)" outdated
assert_contains "$(cas upgrade --all 2>&1)" "no environment"
expect_failure cas upgrade
expect_failure cas upgrade --all follows
assert_sound

# A base store has a wheel that fits, and the new Python.
cas create bound2 -p "$old" "bound-1.0-$tag-none-any.whl" >/dev/null
expect_failure cas upgrade bound2 -p "$new"
bound_wheel "$(tag_of "$new")"
cas --store base create elsewhere -p "$new" "bound-1.0-$(tag_of "$new")-none-any.whl" >/dev/null
cas gc >/dev/null
for name in $(cas python list --json | json captured | grep -o '"name": *"[^"]*"' | cut -d'"' -f4); do cas python remove "$name" >/dev/null 2>&1 || true; done
assert_eq "$(cas --base-store base upgrade bound2 -p "$new" --dry-run --json | json environments.0.other_wheels)" '["bound 1.0"]'
assert_eq "$(cas --base-store base upgrade bound2 -p "$new" --json | json environments.0.other_wheels)" '["bound 1.0"]'
assert_eq "$(version bound2/bin/python)" "$(version "$new")"
mv base away
assert_eq "$(bound2/bin/python -c 'import bound; print(bound.x)')" 1
assert_sound
