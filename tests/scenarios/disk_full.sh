#!/usr/bin/env bash
# A full disk: add and create fail with a clear message and leave nothing half-made; gc works and makes room.
. "$(dirname "$0")/lib.sh"
with_loop_fs ext4 64M
disk=$REPLY
CAS_STORE=$disk/store
small=$(make_wheel wheels small 1.0 small.py='x = 1')
large=$(python3 - <<'PYTHON'
import base64, hashlib, os, zipfile
info = "large-1.0.dist-info"
files = {f"large/{n}.bin": os.urandom(1 << 20) for n in range(30)}
files[f"{info}/METADATA"] = b"Metadata-Version: 2.1\nName: large\nVersion: 1.0\n"
files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
rows = [f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
        for path, data in files.items()]
files[f"{info}/RECORD"] = ("\n".join([*rows, f"{info}/RECORD,,"]) + "\n").encode()
with zipfile.ZipFile("large-1.0-py3-none-any.whl", "w") as archive:
    for path, data in files.items():
        archive.writestr(path, data)
print(os.path.abspath("large-1.0-py3-none-any.whl"))
PYTHON
)
cas create "$disk/small" "$small" >/dev/null
before=$(cas store info --json | json objects)

fill() {
  dd if=/dev/zero of="$disk/filler" bs=64k "$@" status=none 2>/dev/null || true
  sync -f "$disk"
}
fill count=320
expect_failure --status 1 cas add "$large"
assert_contains "$OUTPUT" "No space left on device"
assert_eq "$(cas store info --json | json objects)" "$before"
assert_no_scratch "$disk"
expect_failure --status 1 cas create "$disk/env" "$large"
assert_contains "$OUTPUT" "No space left on device"
assert_absent "$disk/env"
assert_sound
assert_eq "$(cas verify --json | json orphans)" 0

# An environment of copies that does not fit.
rm "$disk/filler"
cas add "$large" >/dev/null
expect_failure --status 1 cas create "$disk/env" --link-mode copy "$large"
assert_contains "$OUTPUT" "making the environment $disk/env: placing lib/python3"
assert_contains "$OUTPUT" "No space left on device"
assert_contains "$OUTPUT" "with \`cas gc\`"
assert_absent "$disk/env"
assert_no_scratch "$disk"
assert_sound
# The store elsewhere: collecting there is no help here.
expect_failure --status 1 cas --store "$CAS_TEST_TMP/elsewhere" create "$disk/env" "$large"
assert_contains "$OUTPUT" "No space left on device"
assert_contains "$OUTPUT" "does not help"
assert_absent "$disk/env"

# To the last block: the collector still works.
fill
fill oflag=append conv=notrunc bs=1
collected=$(cas gc --json)
assert_eq "$(json packages.0.name <<<"$collected")" large
assert_eq "$(cas store info --json | json objects)" "$before" "all of it is gone"
assert_sound
assert_eq "$(cat "$disk"/small/lib/python3*/site-packages/small.py)" "x = 1"
cas create "$disk/again" "$small" >/dev/null
