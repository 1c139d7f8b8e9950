#!/usr/bin/env bash
# A damaged page of the index ends a command with an error and, where asked for, a document: never by a signal.
. "$(dirname "$0")/lib.sh"

wheel=$(make_wheel . demo 1.0 'demo.py=x = 1' 'more.py=y = 2')
cas create env "$wheel" >/dev/null
cp store/index/data.mdb good.mdb
# One flag of one node of a leaf page says that there is a tree of duplicates below it.
cat >damage.py <<'PYTHON'
import struct, sys

data = bytearray(open("good.mdb", "rb").read())
size = 4096
last = max(struct.unpack_from("<Q", data, meta + 16 + 24 + 96)[0] for meta in (0, size))
leaves = [page for page in range(2, last + 1) if struct.unpack_from("<H", data, page * size + 10)[0] == 2]
if int(sys.argv[1]) >= len(leaves):
    sys.exit(1)
page = leaves[int(sys.argv[1])] * size
node = page + struct.unpack_from("<H", data, page + 16)[0]
data[node + 4] |= 4
open("store/index/data.mdb", "wb").write(data)
PYTHON
damaged=0
for ((leaf = 0; leaf < 40; ++leaf)); do
  python3 damage.py "$leaf" || break
  for command in "store info" verify "gc --dry-run"; do
    status=0
    # shellcheck disable=SC2086
    "$CAS_BIN" $command --json >out 2>err || status=$?
    [[ $status -lt 128 ]] || fail "cas $command: status $status with leaf page $leaf: $(cat err)"
    if [[ $status -ne 0 ]]; then
      damaged=$((damaged + 1))
      json command <out >/dev/null || fail "cas $command: no document"
    fi
  done
  cp good.mdb store/index/data.mdb
done
[[ $leaf -gt 2 && $damaged -gt 0 ]] || fail "no page was damaged"
assert_sound
