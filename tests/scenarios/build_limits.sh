#!/usr/bin/env bash
# A build ends with all that it started, however that hides, and in the time that it was given, also where the resolver builds.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

type -P setsid >/dev/null || skip "no setsid"
mkdir project
cat >project/pyproject.toml <<'TOML'
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
TOML
cat >project/backend.py <<'PYTHON'
import base64, hashlib, os, subprocess, time, zipfile

def build_wheel(directory, settings=None, metadata=None):
    # Its parent ends at once, and it has a session of its own.
    subprocess.run(["sh", "-c", "setsid sh -c 'echo $$ >>\"$PIDS\"; exec sleep 300' >/dev/null 2>&1 &"], check=True)
    while not os.path.getsize(os.environ["PIDS"]):
        time.sleep(0.01)
    time.sleep(float(os.environ["SLEEP"]))
    info, record = "slow-1.0.dist-info/", ""
    files = {"slow.py": "", info + "METADATA": "Metadata-Version: 2.1\nName: slow\nVersion: 1.0\n",
             info + "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    with zipfile.ZipFile(directory + "/slow-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(text)}\n"
            wheel.writestr(name, text)
        wheel.writestr(info + "RECORD", record + info + "RECORD,,\n")
    return "slow-1.0-py3-none-any.whl"
PYTHON
cat >pylock.toml <<'TOML'
lock-version = "1.0"
created-by = "a test"
[[packages]]
name = "slow"
version = "1.0"
directory = {path = "project"}
TOML
export PIDS=$PWD/pids SLEEP=0
: >pids

# nothing_left: what was started has ended.
nothing_left() {
  local pid
  [[ -s pids ]] || fail "nothing was started"
  while read -r pid; do
    [[ ! -e /proc/$pid || $(awk '{ print $3 }' "/proc/$pid/stat") == Z ]] || fail "$1: $pid is running still"
  done <pids
  : >pids
}

cas sync built pylock.toml >out 2>&1 || fail "$(cat out)"
assert_exists "$(echo built/lib/python3*/site-packages/slow.py)"
nothing_left "a build that ended well"
echo '#' >>project/backend.py
export SLEEP=100
expect_failure cas sync late pylock.toml --build-timeout 1s
assert_contains "$OUTPUT" "--build-timeout"
nothing_left "a build that took too long"
"$CAS_BIN" sync stopped pylock.toml >/dev/null 2>&1 &
stopped=$!
for ((i = 0; i < 600; i++)); do
  [[ ! -s pids ]] || break
  sleep 0.1
done
kill -KILL "$stopped"
wait "$stopped" || true
for ((i = 0; i < 100; i++)); do
  [[ -e /proc/$(cat pids) ]] || break
  sleep 0.1
done
nothing_left "a build whose cas was killed"

# The resolver has to build it to know what it requires.
have_resolver
start=$SECONDS
expect_failure cas create resolved ./project --no-index --build-timeout 3s
assert_contains "$OUTPUT" "--build-timeout"
[[ $((SECONDS - start)) -lt 60 ]] || fail "it took $((SECONDS - start)) s"
nothing_left "a build of the resolver's"
assert_absent resolved
export SLEEP=0
cas create resolved ./project --no-index --build-timeout 60s >out 2>&1 || fail "$(cat out)"
nothing_left "a build of the resolver's that ended well"
cas gc >/dev/null
assert_sound
