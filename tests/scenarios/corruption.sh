#!/usr/bin/env bash
# Bits, pages and ends of whatever lies in a store and in an environment are damaged: nothing wrong is linked without a word, nothing dies of it, and
# repairing, or rebuilding the index, makes the store sound again.
. "$(dirname "$0")/lib.sh"
make_wheel wheels demo 1.0 'demo/__init__.py=value = 1' 'demo/other.py=other = 1' '@demo-tool=demo:main' >/dev/null
cas create env wheels/*.whl >/dev/null
mkdir pristine
cp -a "$CAS_STORE" env pristine/ # together: they share files
packages=$(cd env && echo lib/python3*/site-packages)

damage() { # HOW FILE SEED
  python3 - "$@" <<'PYTHON'
import os, random, sys
how, path, seed = sys.argv[1:]
random.seed(seed)
os.chmod(path, os.stat(path).st_mode | 0o200)
with open(path, "r+b") as file:
    data = bytearray(file.read())
    used = len(data.rstrip(b"\0")) or len(data)  # the index is extended ahead by zeroes
    if how == "truncate":
        data = data[: used * 2 // 3]
    elif how == "page":
        page = random.randrange(max(1, used // 4096)) * 4096
        data[page : page + 4096] = random.randbytes(len(data[page : page + 4096]))
    elif used:
        data[random.randrange(used)] ^= 1 << random.randrange(8)
    file.seek(0)
    file.truncate()
    file.write(data)
PYTHON
}
restore() {
  chmod -R u+w "$CAS_STORE" new 2>/dev/null || true
  rm -rf "$CAS_STORE" new env
  cp -a pristine/store pristine/env "$CAS_TEST_TMP"
}
# Either the creation says what is wrong, or what it made is right to the last byte. It never dies by a signal.
try_creation() { # WHAT
  local status=0
  timeout 60 "$CAS_BIN" create new wheels/*.whl >report 2>&1 || status=$?
  [[ $status -lt 124 ]] || fail "$1: cas create ended with $status: $(cat report)"
  if [[ $status -eq 0 ]]; then
    assert_eq "$(cat "new/$packages/demo/__init__.py" "new/$packages/demo/other.py")" 'value = 1other = 1' "$1"
    assert_eq "$(new/bin/python -B -c 'import demo; print(demo.value)')" 1 "$1"
    [[ -x new/bin/demo-tool ]] || fail "$1: a script is missing"
    (cd new && find "$packages/demo" "$packages/demo-1.0.dist-info" -type f ! -name RECORD | sort) >there
    (cd env && find "$packages/demo" "$packages/demo-1.0.dist-info" -type f ! -name RECORD | sort) | diff - there >/dev/null ||
      fail "$1: other names: $(cat there)"
  else
    grep -qE '^cas: error: ' report || fail "$1: no word about status $status: $(cat report)"
  fi
}
try_looking() { # WHAT
  local command status
  for command in list gc\ --dry-run verify 'verify --contents --all' 'doctor env'; do
    status=0
    # shellcheck disable=SC2086
    timeout 60 "$CAS_BIN" $command >report 2>&1 || status=$?
    [[ $status -ne 124 || $command == verify* ]] && [[ $status -le 124 ]] || fail "$1: cas $command ended with $status: $(tail -3 report)"
  done
}

# The index has no checksums of its own.
for seed in $(seq 1 "${CAS_TEST_DAMAGES:-6}"); do
  for how in bit page; do
    damage "$how" "$CAS_STORE/index/data.mdb" "$seed"
    try_creation "index, $how $seed"
    try_looking "index, $how $seed"
    timeout 60 "$CAS_BIN" index rebuild >report 2>&1 || fail "index, $how $seed: no rebuild: $(cat report)"
    rm -rf new
    assert_sound
    try_creation "index rebuilt, $how $seed"
    restore
  done
done
damage truncate "$CAS_STORE/index/data.mdb" 1
expect_failure --status 1 cas create new wheels/*.whl
assert_contains "$OUTPUT" "cas index rebuild"
restore

# Everything else: what creation sees, verification finds, and repair mends from the wheel.
while read -r file; do
  for how in bit page truncate; do
    damage "$how" "$CAS_STORE/$file" 1
    cmp -s "$CAS_STORE/$file" "pristine/store/$file" && continue
    try_looking "$file, $how"
    case $file in
      objects/* | manifests/*)
        status=0
        cas verify --contents >report 2>&1 || status=$?
        [[ $status -gt 2 ]] || fail "$file, $how: not found: $(cat report)"
        try_creation "$file, $how"
        cas repair --contents --offline wheels >report 2>&1 || fail "$file, $how: not repaired: $(cat report)"
        assert_sound
        ;;
      *) try_creation "$file, $how" ;;
    esac
    restore
  done
done < <(cd pristine/store && find . -type f -size +0 ! -path './index/*' ! -name reserve -printf '%P\n' | sort)

# Files that are not made by ingest: locks of any content, garbage in staging, the environment's own record.
for file in locks/gc.lock index/index.lock; do
  echo garbage >"$CAS_STORE/$file"
done
mkdir -p "$CAS_STORE/staging/garbage/deep"
try_creation "locks and staging"
cas gc >/dev/null
assert_absent "$CAS_STORE/staging/garbage"
rm -rf new
cas create fresh wheels/*.whl >/dev/null
for file in .cas/anchor pyvenv.cfg "$packages/demo-1.0.dist-info/RECORD"; do
  for how in bit page truncate; do
    cp -a "fresh/$file" copy
    damage "$how" "fresh/$file" 3
    for command in 'doctor fresh' 'verify fresh' list 'remove --dry-run fresh'; do
      status=0
      # shellcheck disable=SC2086
      timeout 60 "$CAS_BIN" $command >report 2>&1 || status=$?
      [[ $status -le 124 ]] || fail "$file, $how: cas $command ended with $status: $(cat report)"
    done
    chmod u+w "fresh/$file"
    cat copy >"fresh/$file"
  done
done
