#!/usr/bin/env bash
# A store that knows a wheel's bytes judges the wheel as one that does not: by its name, and by who vouches for it.
source "$(dirname "$0")/lib.sh"

python=$(pythons | sed -n 1p)
python=${python%% *}
[[ -n $python ]] || skip "no Python found"
python3 - <<'PY'
import base64, hashlib, zipfile

def wheel(file_name, name, wrong):
    info = f"{name}-1.0.dist-info"
    files = {f"{name}.py": "value = 1\n",
             f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    rows = ""
    for path, text in files.items():
        said = text + "x" if wrong and path.endswith(".py") else text
        digest = base64.urlsafe_b64encode(hashlib.sha256(said.encode()).digest()).rstrip(b"=").decode()
        rows += f"{path},sha256={digest},{len(text)}\n"
    files[f"{info}/RECORD"] = rows + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(file_name, "w") as out:
        for path, text in files.items():
            out.writestr(path, text)

wheel("good-1.0-py3-none-any.whl", "good", False)
wheel("wrong-1.0-py3-none-any.whl", "wrong", True)
PY

# Accepted because it was pinned: still refused to those who pin nothing, and to those who insist.
sum=$(sha256sum wrong-1.0-py3-none-any.whl | cut -d' ' -f1)
cas add "wrong-1.0-py3-none-any.whl#sha256=$sum" >/dev/null
cas add "wrong-1.0-py3-none-any.whl#sha256=$sum" | grep -q "already there" || fail "known, and pinned again"
for command in "add wrong-1.0-py3-none-any.whl" "add --strict-record wrong-1.0-py3-none-any.whl#sha256=$sum" \
  "create env -p $python ./wrong-1.0-py3-none-any.whl"; do
  # shellcheck disable=SC2086
  expect_failure cas $command
  assert_contains "$OUTPUT" "wrong.py"
done
assert_absent env

# Another name is another claim.
cas add good-1.0-py3-none-any.whl >/dev/null
cp good-1.0-py3-none-any.whl other-1.0-py3-none-any.whl
expect_failure cas add other-1.0-py3-none-any.whl
mkdir renamed
cp good-1.0-py3-none-any.whl renamed/good-1.0-cp27-none-any.whl
cas create one -p "$python" good-1.0-py3-none-any.whl >/dev/null
expect_failure cas create two -p "$python" renamed/good-1.0-cp27-none-any.whl
assert_absent two
cas create two -p "$python" good-1.0-py3-none-any.whl >/dev/null

# Pins hold for wheels that are chosen by name, too.
echo "$(printf '0%.0s' {1..64})  good-1.0-py3-none-any.whl" > bad.sums
expect_failure cas create three -p "$python" --find-links . --sha256sums bad.sums good
assert_contains "$OUTPUT" "SHA-256"
echo "$sum  wrong-1.0-py3-none-any.whl" > right.sums
cas create three -p "$python" --find-links . --sha256sums right.sums wrong >/dev/null
assert_sound
