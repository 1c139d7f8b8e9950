#!/usr/bin/env bash
# An environment made among somebody's other files: nothing of his is hidden, replaced or removed.
source "$(dirname "$0")/lib.sh"

python=$(pythons | sed -n 1p)
python=${python%% *}
[[ -n $python ]] || skip "no Python found"
python3 - <<'PY'
import base64, hashlib, zipfile

def wheel(name, files):
    info = f"{name}-1.0.dist-info"
    files = dict(files)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = "".join(
        "%s,sha256=%s,%d\n" % (path, base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode(),
                               len(text.encode())) for path, text in files.items())
    files[f"{info}/RECORD"] = rows + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as out:
        for path, text in files.items():
            out.writestr(path, text)

wheel("one", {"one/__init__.py": "value = 1\n", "one/part.py": "value = 11\n"})
wheel("two", {"two/__init__.py": "value = 2\n"})
PY

# In a project: the project's own .gitignore stays as it was, and no other one hides its files.
mkdir -p project/.git project/bin
echo 'print(1)' > project/app.py
echo 'tool' > project/bin/tool
echo '*.log' > project/.gitignore
before=$(tree_sum project)
cas create project -p "$python" one-1.0-py3-none-any.whl >/dev/null
project/bin/python -c 'import one.part'
assert_eq "$(cat project/.gitignore)" '*.log'
assert_absent project/CACHEDIR.TAG

# A package that goes takes its bytecode along: nothing of it can be imported.
cas create project -p "$python" two-1.0-py3-none-any.whl | tee changed
assert_contains "$(cat changed)" "no longer in it: one 1.0"
expect_failure project/bin/python -c 'import one'
project/bin/python -c 'import two'

# Removal takes what cas placed, and says what stays.
assert_contains "$(cas remove --dry-run project)" "app.py"
assert_contains "$(cas remove project)" "app.py"
rm -rf project/lib/python*/site-packages/__pycache__
assert_eq "$(tree_sum project)" "$before" "the project is as it was"
expect_failure cas remove project
assert_contains "$OUTPUT" "no environment"
[[ -f project/app.py ]] || fail "the project's file is gone"

# An environment that stands alone goes as a whole, with what pip or the user added inside.
cas create alone -p "$python" one-1.0-py3-none-any.whl >/dev/null
echo extra > "$(echo alone/lib/python*/site-packages)/extra.py"
cas remove alone >/dev/null
assert_absent alone

# Never in the store.
for inside in "$CAS_STORE" "$CAS_STORE/env"; do
  expect_failure cas create "$inside" -p "$python"
  assert_contains "$OUTPUT" "in the store"
done

# A mistyped store is not made by those who only look.
for command in verify list gc 'store info' du; do
  # shellcheck disable=SC2086
  expect_failure cas --store typo $command
  assert_contains "$OUTPUT" "no store at"
done
assert_absent typo
cas gc >/dev/null
assert_sound
