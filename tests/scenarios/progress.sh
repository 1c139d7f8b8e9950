#!/usr/bin/env bash
# On a terminal every package on its way has a line, in place, and all are gone at the end, whatever ends it; elsewhere nothing is shown.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

# Wheels that do not compress: 300 kB each.
python3 - <<'PYTHON'
import base64, hashlib, os, random, zipfile
os.mkdir("wheels")
for name in "one", "two", "three", "four", "five", "six":
    info = f"{name}-1.0.dist-info"
    files = {f"{name}/data.bin": random.Random(name).randbytes(299_000), f"{name}/__init__.py": b"",
             f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
             f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    rows = []
    with zipfile.ZipFile(f"wheels/{name}-1.0-py3-none-any.whl", "w") as archive:
        for path, data in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(data)}\n")
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), data)
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", (2020, 1, 1, 0, 0, 0)), "".join(rows) + f"{info}/RECORD,,\n")
PYTHON
unset PIP_NO_INDEX
start_index wheels --rate 900000
lock_of wheels/*.whl >pylock.toml
at_terminal() { python3 "$cas_root/tests/scenarios/progress.py" "$@"; }
# part OF: of its output.
part() { sed -n "/^$1:\$/,/^\(last:\|(end)\)\$/p" <<<"$seen" | sed '1d;$d'; }
field() { sed -n "s/^$1 //p" <<<"$seen" | head -n 1; }
sync_command() { printf '%s\n' "$CAS_BIN" sync env pylock.toml --no-index --store "$CAS_TEST_TMP/$1"; }

# A line each, and one for all; nothing of them stays.
mapfile -t command < <(sync_command all)
seen=$(at_terminal 24 100 -- "${command[@]}")
assert_eq "$(field status)" 0 "$seen"
for name in one two three four five six; do
  grep -qE "^$name 1\.0 +[0-9.]+ k?B of  300 kB +[0-9.]+ [kM]?B/s\$" < <(part fullest) || fail "no line for $name: $seen"
done
grep -qE "^downloaded 0 of 6 packages  [0-9.]+ [kM]?B of 1\.8 MB  [0-9.]+ [kM]?B/s  [0-9.]+ m?s\$" < <(part fullest) || fail "no total: $seen"
assert_eq "$(part fullest | wc -l)" 7
assert_not_contains "$(part last)" "of 6"
assert_not_contains "$(part last)" "300 kB of"
assert_contains "$(part last)" "created $CAS_TEST_TMP/env"
# No more than ten times in a second, however long it took; and the lines are erased now and then.
[[ $(field draws) -gt 3 && $(field draws) -le $(($(field tenths) + 3)) ]] || fail "drawn $(field draws) times in $(field tenths) tenths of a second"

# A small terminal: never more lines than it has, nor longer ones.
rm -rf env
mapfile -t command < <(sync_command small)
seen=$(at_terminal 4 30 -- "${command[@]}")
assert_eq "$(field status)" 0 "$seen"
[[ $(field rows) -le 4 ]] || fail "too many lines: $seen"
assert_contains "$(part fullest)" "more"

# It becomes narrower meanwhile: what it has broken is found again.
rm -rf env
mapfile -t command < <(sync_command narrow)
seen=$(at_terminal 24 100 --narrow 'downloaded 0 of 6' 40 -- "${command[@]}")
assert_eq "$(field status)" 0 "$seen"
assert_not_contains "$(part last)" "B/s" "broken lines stay"

# Ctrl-C, and a failure: the lines go, and the message stands alone.
rm -rf env
mapfile -t command < <(sync_command interrupted)
seen=$(at_terminal 24 100 --interrupt 'downloaded 0 of 6' -- "${command[@]}")
assert_eq "$(field status)" 130 "$seen"
assert_not_contains "$(part last)" "B/s" "after Ctrl-C"
assert_absent env
sed 's|/files/six|/fault/404/files/six|' pylock.toml >pylock.bad.toml
mapfile -t command < <(sync_command failed)
command[3]=pylock.bad.toml
seen=$(at_terminal 24 100 -- "${command[@]}")
assert_eq "$(field status)" 1 "$seen"
assert_contains "$(part last)" "cas: error: "
assert_not_contains "$(part last)" "B/s" "after a failure"

# No lines where none are wanted, or could be shown.
for option in --quiet --json; do
  rm -rf env
  mapfile -t command < <(sync_command "none$option")
  seen=$(at_terminal 24 100 -- "${command[@]}" "$option" --verbose)
  assert_eq "$(field status)" 0 "$seen"
  assert_not_contains "$seen" "downloaded"
done

# In a pipe: nothing, and with --verbose a plain line for each that is done.
rm -rf env
mapfile -t command < <(sync_command pipe)
"${command[@]}" 2>errors >/dev/null
assert_eq "$(cat errors)" ""
rm -rf env
mapfile -t command < <(sync_command pipe2)
"${command[@]}" --verbose 2>errors >/dev/null
assert_eq "$(grep -cE '^downloaded (one|two|three|four|five|six) 1\.0, 300 kB in [0-9.]+ m?s$' errors)" 6 "$(cat errors)"
assert_eq "$(wc -l <errors)" 6

# What is built, by a back-end of its own that takes its time.
mkdir slow-1.0
printf '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n' >slow-1.0/pyproject.toml
cat >slow-1.0/backend.py <<'PYTHON'
import base64, hashlib, time, zipfile


def build_wheel(folder, config_settings=None, metadata_directory=None):
    time.sleep(1.5)
    name, info = "slow-1.0-py3-none-any.whl", "slow-1.0.dist-info"
    files = {"METADATA": "Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n",
             "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    rows = ""
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        for file, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows += f"{info}/{file},sha256={digest},{len(text)}\n"
            wheel.writestr(f"{info}/{file}", text)
        wheel.writestr(f"{info}/RECORD", rows + f"{info}/RECORD,,\n")
    return name
PYTHON
printf 'Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n' >slow-1.0/PKG-INFO
pack slow-1.0 slow-1.0.tar.gz
{
  lock_head
  lock_sdist slow 1.0 slow-1.0.tar.gz
} >pylock.build.toml
rm -rf env
mapfile -t command < <(sync_command build)
command[3]=pylock.build.toml
seen=$(at_terminal 24 100 -- "${command[@]}")
assert_eq "$(field status)" 0 "$seen"
grep -qE '^building slow 1\.0  [0-9.]+ m?s$' < <(part fullest) || fail "no line for what is built: $seen"
assert_not_contains "$(part last)" "building"
rm -rf env
mapfile -t command < <(sync_command build2)
command[3]=pylock.build.toml
"${command[@]}" --verbose 2>errors >/dev/null
grep -qE '^built slow 1\.0 in [0-9.]+ s$' errors || fail "$(cat errors)"
