#!/usr/bin/env bash
# Base stores on filesystems that cannot be written: bound read-only, a read-only image, EROFS, the lower layer of an overlay. Every command
# that only looks works on them alone; what is taken over is linked, cloned or copied as the filesystem allows; and a full disk leaves nothing.
. "$(dirname "$0")/lib.sh"
own_mounts || skip "needs root and a mount namespace of its own"
one=$(make_wheel "$CAS_TEST_TMP/wheels" one 1.0 one/__init__.py='x = 1' one/a.py='a = 1' @one=one:main)
two=$(make_wheel "$CAS_TEST_TMP/wheels" two 1.0 two.py='x = 2')
from() { json "from_base_stores.$1"; }

# make_base DIR: a store with packages, a plan and bytecode.
make_base() { CAS_STORE=$1 cas create "$1-env" "$one" >/dev/null && CAS_STORE=$1 cas add "$two" >/dev/null; }
# mounted COMMAND...: for the cleanup, too.
mounted() {
  local output
  output=$(mount "${@:1:$#}" 2>&1) || { echo "SKIPPED: mount $*: $output"; return 1; }
  cas_test_mounts+=("${!#}")
}

# looked_at STORE: commands that only look, on a store that cannot be written.
looked_at() {
  local words
  for words in "list" "store info" "du" "verify --contents" "why one" "show one" "pins" "python list" "gc --dry-run"; do
    # shellcheck disable=SC2086
    cas --store "$1" $words >out 2>&1 || fail "$1: $words: $(cat out)"
  done
  expect_failure --status 1 cas --store "$1" create env "$one"
  assert_contains "$OUTPUT" "changing the store $1"
  assert_contains "$OUTPUT" "--base-store"
  expect_failure --status 1 cas --store "$1" add "$one"
  expect_failure --status 1 cas --store "$1" gc
  assert_contains "$OUTPUT" "changing the store $1"
}

# used BASE WAY [STORE]: a first creation from it, by hardlink, reflink or copy.
used() {
  local out way store=${3-$CAS_TEST_TMP/store} env=${3+$3-}env
  rm -rf "$store" "$env"
  out=$(CAS_STORE=$store cas --base-store "$1" create "$env" --json "$one")
  assert_eq "$(from packages <<<"$out") $(from plans <<<"$out")" "1 1" "$1"
  for way in hardlink reflink copy; do
    if [[ $way == "$2" ]]; then (($(from "$way" <<<"$out") > 5)) || fail "$1: $way: $out"; else assert_eq "$(from "$way" <<<"$out")" 0 "$1: $way"; fi
  done
  assert_eq "$(json bytecode.compiled <<<"$out")" 0
  assert_eq "$("$env/bin/python" -c 'import one; print(one.x)')" 1
  CAS_STORE=$store cas verify --contents >/dev/null
  rm -rf "$env"
}

# --- bound read-only: another mount, so no hard links; the same filesystem, so reflinks where it has them ---
make_base "$CAS_TEST_TMP/base"
mkdir bound
if mounted --bind base bound && mount -o remount,bind,ro bound; then
  looked_at "$CAS_TEST_TMP/bound"
  expect_failure --status 2 cas --store "$CAS_TEST_TMP/base" --base-store bound create env "$one"
  assert_contains "$OUTPUT" "as the store and as a base store"
  case $(stat -f -c %T .) in xfs | btrfs) used bound reflink ;; *) used bound copy ;; esac
fi
used base hardlink

# --- no lock, no staging, nothing that could be written: as a read-only image may have been made ---
cp -a base bare
rm -rf bare/{locks,staging,running,reserve} bare/index/index.lock*
tar -C bare -cf bare.tar .
for type in ext4 erofs; do
  image=$CAS_TEST_TMP/$type.img
  type -P "mkfs.$type" >/dev/null || { echo "SKIPPED: no mkfs.$type"; continue; }
  if [[ $type == ext4 ]]; then
    truncate -s 64M "$image"
    mkfs.ext4 -F -q -d bare "$image" >/dev/null 2>&1
  else
    mkfs.erofs "$image" bare >/dev/null 2>&1
  fi
  mkdir "on-$type"
  mounted -o loop,ro -t "$type" "$image" "on-$type" || continue
  looked_at "$CAS_TEST_TMP/on-$type"
  used "on-$type" copy
done

# --- reflinks: two directories bound apart on a filesystem that has them ---
if type -P mkfs.xfs >/dev/null; then
  with_loop_fs xfs 300M
  xfs=$REPLY
  make_base "$xfs/base"
  mkdir "$xfs/upper" xfs-base
  used "$xfs/base" hardlink "$xfs/upper/store"
  if mounted --bind "$xfs/base" xfs-base && mount -o remount,bind,ro xfs-base; then
    used xfs-base reflink "$xfs/upper/store"
  fi
else
  echo "SKIPPED: no mkfs.xfs"
fi

# --- the lower layer of an overlay: not linked, for a link would copy it up; the layer above stays empty of it ---
mkdir lower layers merged
make_base "$CAS_TEST_TMP/lower/base"
mounted -t tmpfs none layers
mkdir layers/upper layers/work
if mounted -t overlay -o lowerdir=lower,upperdir=layers/upper,workdir=layers/work none merged; then
  used merged/base copy
  used merged/base copy "$CAS_TEST_TMP/merged/store"
  assert_absent layers/upper/base
  # A read-only overlay has no upper layer at all.
  mkdir merged2 lower2
  mounted -t overlay -o lowerdir=lower:lower2 none merged2 && looked_at "$CAS_TEST_TMP/merged2/base"
fi

# --- a full disk ---
with_loop_fs ext4 24M
disk=$REPLY
python3 - <<'PYTHON' > big.py
import random
print("x = '%s'" % "".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20 << 20)))
PYTHON
mkdir big-wheel
python3 - <<'PYTHON'
import base64, hashlib, zipfile
info = "big-1.0.dist-info"
files = {"big.txt": open("big.py", "rb").read(), f"{info}/METADATA": b"Metadata-Version: 2.1\nName: big\nVersion: 1.0\n",
         f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
rows = [f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for path, data in files.items()]
files[f"{info}/RECORD"] = ("\n".join([*rows, f"{info}/RECORD,,"]) + "\n").encode()
with zipfile.ZipFile("big-wheel/big-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
    for path, data in files.items():
        archive.writestr(path, data)
PYTHON
CAS_STORE=base cas add big-wheel/*.whl >/dev/null
CAS_STORE=$disk/store cas add "$two" >/dev/null
expect_failure --status 1 env CAS_STORE="$disk/store" "$CAS_BIN" --base-store base create "$disk/env" big-wheel/*.whl
assert_contains "$OUTPUT" "No space left on device"
assert_absent "$disk/env"
CAS_STORE=$disk/store
assert_no_scratch "$disk"
assert_sound
assert_eq "$(cas verify --json | json orphans)" 0
