#!/usr/bin/env bash
# By default objects and manifests are on disk before the index names them; with --durability none nothing is waited for.
. "$(dirname "$0")/lib.sh"
command -v strace >/dev/null || skip "no strace"
wheel=$(make_wheel wheels demo 1.0 demo/a.py='x = 1' demo/b.py='x = 2')
other=$(make_wheel wheels other 1.0 other.py='x = 3')
trace() {
  strace -f -y -e trace=openat,fsync,fdatasync,syncfs,pwrite64,pwritev,rename,renameat,renameat2 -o "$1" "${@:2}" >/dev/null 2>error ||
    { grep -q 'ptrace' error && skip "strace may not trace here"; fail "strace: $(cat error)"; }
}
cas add "$(make_wheel seed seed 1.0 seed.py='x = 0')" >/dev/null # the store is made
trace batch "$CAS_BIN" add "$wheel"
python3 - batch <<'PYTHON'
import re, sys
lines = open(sys.argv[1]).read().splitlines()
def at(pattern):
    return [n for n, line in enumerate(lines) if re.search(pattern, line)]
whole = at(r"syncfs\(")
data = at(r"fsync\(\d+<[^>]*/(staging|objects)/") or whole
directories = at(r"fsync\(\d+<[^>]*/objects(/\d+)?>") or whole
manifests = at(r"fsync\(\d+<[^>]*/manifests>") or whole
renamed = at(r"rename\w*\(.*objects|openat\(\d+<[^>]*/objects/.*O_CREAT")
commit = at(r"(fdatasync|fsync|pwrite64|pwritev)\(\d+<[^>]*/data\.mdb>")
assert renamed and commit, "the trace shows no object or no commit"
# The commit proper: what comes after the manifest has its name. Extending the file ahead is no commit.
last = max(at(r"rename\w*\(.*manifests"))
commit = [n for n in commit if n > last]
assert data and min(data) < min(commit), "objects are not synchronised before the index"
assert directories and min(directories) < min(commit), "their directories are not synchronised before the index"
assert manifests and min(manifests) < min(commit), "manifests are not synchronised before the index"
assert max(renamed) < min(commit), "an object gets its name after the index"
PYTHON
trace none "$CAS_BIN" --durability none add "$other"
assert_eq "$(grep -cE 'syncfs|fsync\([0-9]+<[^>]*/(staging|objects|manifests)' none || true)" 0 "waits with --durability none"
