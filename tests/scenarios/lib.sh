# Helpers for the scenario tests: scripts that drive the built program as a user does. Source it first:
#
#   #!/usr/bin/env bash
#   # One sentence: what must hold.
#   . "$(dirname "$0")/lib.sh"
#
# What a script finds:
#   $CAS_BIN        the program (given by ctest; else build/ci/cas or build/release/cas)
#   $CAS_TEST_TMP   a directory of its own, removed at the end (kept with CAS_TEST_KEEP=1)
#   $CAS_STORE      a store inside it, not yet made
#   $CAS_WHEELS     the directory of tools/fetch-wheels
# Exit status 77 means "skipped"; ctest shows it as such.
#
# A script that calls with_loop_fs or own_mounts runs in a mount namespace of its own where that is possible, so its mounts vanish
# with it however it ends.
# shellcheck shell=bash
set -Eeuo pipefail

cas_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [[ -z ${CAS_TEST_OWN_MOUNTS-} && $(id -u) -eq 0 ]] && grep -qsE '^[^#]*(with_loop_fs|own_mounts)' "$0" &&
  unshare --mount --propagation private true 2>/dev/null; then
  CAS_TEST_OWN_MOUNTS=1 exec unshare --mount --propagation private "$BASH" "$0" "$@"
fi

# --- surroundings: the same for everybody -----------------------------------------------------------------------------

if [[ -z ${CAS_BIN-} ]]; then
  for candidate in "$cas_root/build/ci/cas" "$cas_root/build/release/cas"; do
    [[ -x $candidate ]] && CAS_BIN=$candidate && break
  done
fi
: "${CAS_BIN:?no program to test: build it, or set CAS_BIN}"
CAS_WHEELS=${CAS_WHEELS:-$cas_root/build/wheels}
cas_test_pyenv=${PYENV_ROOT:-$HOME/.pyenv}/versions
CAS_TEST_TMP=$(mktemp -d "${TMPDIR:-/tmp}/cas-test.XXXXXX")
CAS_STORE=$CAS_TEST_TMP/store
HOME=$CAS_TEST_TMP/home
mkdir "$HOME"
# Capturing an interpreter takes seconds, and every script has a store of its own: those about it ask for it.
CAS_BASE=system
export CAS_BIN CAS_WHEELS CAS_TEST_TMP CAS_STORE CAS_BASE HOME
# No settings of this machine's pip and uv, nor whom it trusts.
unset "${!PIP_@}" "${!UV_@}" SSL_CERT_FILE SSL_CERT_DIR SSL_CLIENT_CERT REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NETRC
export PIP_CONFIG_FILE=/dev/null UV_NO_CONFIG=1
export LC_ALL=C.UTF-8 NO_COLOR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PIP_NO_CACHE_DIR=1 PIP_NO_INDEX=1
unset CAS_RESOLVER http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
unset CAS_INDEX CAS_FAILPOINT CLICOLOR_FORCE FORCE_COLOR XDG_DATA_HOME XDG_CACHE_HOME XDG_CONFIG_HOME XDG_CONFIG_DIRS \
  PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONPYCACHEPREFIX VIRTUAL_ENV SOURCE_DATE_EPOCH

cas_test_mounts=()

cas_test_cleanup() {
  local status=$? job mount
  trap - EXIT ERR
  set +e
  # Only the jobs this script put into the background; without bash's word about each.
  exec 2>/dev/null
  for job in $(jobs -p); do
    kill -CONT "$job" 2>/dev/null
    kill -KILL "$job" 2>/dev/null
  done
  wait 2>/dev/null
  cd /
  for ((mount = ${#cas_test_mounts[@]} - 1; mount >= 0; mount--)); do
    umount "${cas_test_mounts[mount]}" 2>/dev/null || umount --lazy "${cas_test_mounts[mount]}"
  done
  if [[ ${CAS_TEST_KEEP-} == 1 && $status -ne 77 ]]; then
    printf 'kept: %s\n' "$CAS_TEST_TMP"
  else
    chmod -R u+rwX "$CAS_TEST_TMP" 2>/dev/null
    rm -rf --one-file-system "$CAS_TEST_TMP"
  fi
  exit "$status"
}
trap cas_test_cleanup EXIT
trap 'printf "FAILED: %s:%s: %s\n" "${BASH_SOURCE[0]##*/}" "$LINENO" "$BASH_COMMAND" >&2' ERR
cd "$CAS_TEST_TMP"

# --- the program ------------------------------------------------------------------------------------------------------

cas() {
  "$CAS_BIN" "$@"
}

# json FIELD < document: the value at a dotted path ("environments.0.path"). Objects and lists are printed as JSON,
# true and false as such, null and an absent field as nothing (an absent one fails).
json() {
  python3 -c '
import json, sys
value = json.load(sys.stdin)
for step in filter(None, sys.argv[1].split(".")):
    try:
        value = value[int(step)] if isinstance(value, list) else value[step]
    except (KeyError, IndexError, ValueError, TypeError):
        sys.exit(f"json: no field {sys.argv[1]!r} in the document (at {step!r})")
if value is not None:
    print(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
' "$1"
}

# --- assertions -------------------------------------------------------------------------------------------------------

skip() {
  printf 'SKIP: %s\n' "$*"
  exit 77
}

# Says where in the script it was called.
fail() {
  local depth=1
  while [[ ${BASH_SOURCE[depth]-} == */lib.sh ]]; do depth=$((depth + 1)); done
  printf 'FAILED: %s:%s: %s\n' "${BASH_SOURCE[depth]##*/}" "${BASH_LINENO[depth - 1]}" "$*" >&2
  exit 1
}

# assert_eq ACTUAL EXPECTED [WHAT]
assert_eq() {
  [[ $1 == "$2" ]] || fail "${3:+$3: }expected '$2', got '$1'"
}

# assert_contains TEXT PART [WHAT]
assert_contains() {
  [[ $1 == *"$2"* ]] || fail "${3:+$3: }expected to find '$2' in: $1"
}

assert_not_contains() {
  [[ $1 != *"$2"* ]] || fail "${3:+$3: }did not expect to find '$2' in: $1"
}

assert_exists() {
  [[ -e $1 || -L $1 ]] || fail "$1 does not exist"
}

assert_absent() {
  [[ ! -e $1 && ! -L $1 ]] || fail "$1 exists"
}

# assert_same_inode A B: two names of one file.
assert_same_inode() {
  [[ $1 -ef $2 ]] || fail "$1 and $2 are not one file"
}

# expect_failure [--status N] COMMAND...: the command must fail (with N). Its output, both streams, is in $OUTPUT.
# A death by a signal is no failure that anybody expects, unless N says so.
expect_failure() {
  local expected='' status=0
  if [[ $1 == --status ]]; then
    expected=$2
    shift 2
  fi
  OUTPUT=$("$@" 2>&1) || status=$?
  [[ $status -ne 0 ]] || fail "expected failure of: $* -- output: $OUTPUT"
  if [[ -n $expected ]]; then
    [[ $status -eq $expected ]] || fail "expected status $expected, got $status, of: $* -- output: $OUTPUT"
  else
    [[ $status -lt 126 ]] || fail "status $status of: $* -- output: $OUTPUT"
  fi
}

# --- filesystems ------------------------------------------------------------------------------------------------------

# own_mounts: whether the script has a mount namespace of its own, where it may mount what it likes.
own_mounts() {
  [[ -n ${CAS_TEST_OWN_MOUNTS-} ]]
}

# with_loop_fs ext4|xfs|btrfs SIZE [MKFS OPTION...]: makes a filesystem in a file and mounts it; its mount point is in
# $REPLY. SIZE as truncate takes it (xfs wants 300M, btrfs 128M). Skips the test where that is not possible.
with_loop_fs() {
  local type=$1 size=$2 number=${#cas_test_mounts[@]}
  shift 2
  [[ $(id -u) -eq 0 ]] || skip "needs root to mount a filesystem image ($type)"
  command -v "mkfs.$type" >/dev/null || skip "no mkfs.$type"
  [[ -e /dev/loop-control ]] || skip "no loop devices here"
  local image=$CAS_TEST_TMP/$type.$number.img force=-f
  [[ $type == ext4 ]] && force=-F
  REPLY=$CAS_TEST_TMP/$type.$number
  truncate -s "$size" "$image"
  local output
  output=$("mkfs.$type" "$force" -q "$@" "$image" 2>&1) || fail "mkfs.$type: $output"
  mkdir "$REPLY"
  # mount finds a free loop device itself and lets go of it on umount.
  output=$(mount -o loop -t "$type" "$image" "$REPLY" 2>&1) || skip "cannot mount a filesystem image ($type): $output"
  cas_test_mounts+=("$REPLY")
}

# --- wheels and interpreters ------------------------------------------------------------------------------------------

# have_wheels GROUP: skips the test unless every wheel of the group lies in $CAS_WHEELS.
have_wheels() {
  local file
  [[ -n $(wheels_of "$1") ]] || fail "no wheel belongs to a group $1"
  while read -r file; do
    [[ -f $CAS_WHEELS/$file ]] || skip "no wheels of the group $1 ($file); run tools/fetch-wheels --group $1"
  done < <(wheels_of "$1")
}

# a_uv: the path of a uv: that in PATH, else the pinned wheel's, where it runs; nothing where there is neither.
a_uv() {
  local folder=$CAS_TEST_TMP/.uv
  type -P uv && return
  [[ -f $CAS_WHEELS/$(wheels_of resolver) ]] || return 0
  if [[ ! -x $folder/uv ]]; then
    mkdir -p "$folder"
    python3 -c 'import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
sys.stdout.buffer.write(wheel.read(next(name for name in wheel.namelist() if name.endswith(".data/scripts/uv"))))' \
      "$CAS_WHEELS/$(wheels_of resolver)" >"$folder/uv"
    chmod +x "$folder/uv"
  fi
  ! "$folder/uv" --version >/dev/null 2>&1 || printf '%s\n' "$folder/uv"
}

# wheels_of GROUP: the file names, one per line.
wheels_of() {
  awk -v group="$1" '!/^#/ && NF == 3 && ("," $3 ",") ~ ("," group ",") { print $2 }' "$cas_root/tools/wheels.lock"
}

# wheel PREFIX: the path of the pinned wheel whose file name starts so ("scipy-1.17.0", "six").
wheel() {
  local file
  file=$(awk -v prefix="$1-" '!/^#/ && index(tolower($2), tolower(prefix)) == 1 { print $2 }' \
    "$cas_root/tools/wheels.lock")
  [[ -n $file && $file != *$'\n'* ]] || fail "'$1' names not exactly one pinned wheel: $file"
  printf '%s/%s\n' "$CAS_WHEELS" "$file"
}

# pinned PREFIX: the same with "#sha256=..." behind it.
pinned() {
  local path
  path=$(wheel "$1")
  printf '%s#sha256=%s\n' "$path" "$(awk -v file="${path##*/}" '$2 == file { print $1 }' "$cas_root/tools/wheels.lock")"
}

# make_wheel DIR NAME VERSION [PATH=CONTENT | @SCRIPT=MODULE:ATTRIBUTE | +REQUIREMENT]...: writes a small pure wheel; prints its path.
make_wheel() {
  python3 - "$@" <<'PYTHON'
import base64, hashlib, os, sys, zipfile
directory, name, version, *items = sys.argv[1:]
info = f"{name}-{version}.dist-info"
files, scripts, requires = {}, [], ""
for item in items:
    if item.startswith("+"):
        requires += f"Requires-Dist: {item[1:]}\n"
        continue
    key, _, value = item.partition("=")
    if key.startswith("@"):
        scripts.append(f"{key[1:]} = {value}")
    else:
        files[key] = value
files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
if scripts:
    files[f"{info}/entry_points.txt"] = "[console_scripts]\n" + "\n".join(scripts) + "\n"
rows = []
os.makedirs(directory, exist_ok=True)
path = os.path.join(directory, f"{name}-{version}-py3-none-any.whl")
with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
    for member, text in files.items():
        data = text.encode()
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{member},sha256={digest},{len(data)}\n")
        archive.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), data)
    rows.append(f"{info}/RECORD,,\n")
    archive.writestr(zipfile.ZipInfo(f"{info}/RECORD", (2020, 1, 1, 0, 0, 0)), "".join(rows))
print(path)
PYTHON
}

# pythons [OLDEST]: the real CPython interpreters of this machine from version OLDEST (3.8) on, one path per line.
pythons() {
  local oldest=${1:-3.8} candidate seen=' ' real
  for candidate in /usr/bin/python3 /usr/bin/python3.{[0-9],[0-9][0-9]} "$cas_test_pyenv"/*/bin/python3; do
    [[ -x $candidate ]] || continue
    real=$(readlink -f "$candidate")
    [[ $seen != *" $real "* ]] || continue
    seen+="$real "
    "$candidate" -c '
import platform, sys
oldest = tuple(map(int, sys.argv[1].split(".")))
sys.exit(platform.python_implementation() != "CPython" or sys.version_info[:2] < oldest)' "$oldest" 2>/dev/null ||
      continue
    printf '%s\n' "$candidate"
  done
}

# few_pythons [OLDEST]: of those the first, the oldest and the newest, for what takes ten seconds with each; all with
# CAS_TEST_ALL_PYTHONS=1.
few_pythons() {
  local all first
  mapfile -t all < <(pythons "$@")
  [[ ${#all[@]} -gt 0 ]] || return 0
  if [[ ${#all[@]} -le 3 || ${CAS_TEST_ALL_PYTHONS-} == 1 ]]; then
    printf '%s\n' "${all[@]}"
    return 0
  fi
  first=${all[0]}
  echo "$first"
  printf '%s\n' "${all[@]:1}" | sort -V | sed -n '1p;$p'
}

# python_for TAG ("cp311"): the first such interpreter, or skips.
python_for() {
  local python
  while read -r python; do
    if [[ $("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])') == "$1" ]]; then
      REPLY=$python
      return
    fi
  done < <(pythons)
  skip "no CPython for $1 on this machine"
}

# --- whole trees ------------------------------------------------------------------------------------------------------

# tree_sum DIR: one digest of names, kinds, modes, link targets and contents of everything below (bytecode that Python
# wrote apart).
tree_sum() {
  (cd "$1" && find . -name __pycache__ -prune -o -printf '%P %y %m %l\n' | sort | sha256sum &&
    find . -name __pycache__ -prune -o -type f -print0 | sort -z | xargs -0r sha256sum) | sha256sum
}

# assert_sound: the store is what its index says, to the last byte.
assert_sound() {
  local output status=0
  output=$(cas verify --contents 2>&1) || status=$?
  [[ $status -eq 0 ]] || fail "cas verify --contents: status $status: $output"
}

# check_store [--contents] [--quiescent]: the store keeps its invariants, by a program that shares nothing with cas.
check_store() {
  local output status=0
  output=$(python3 -B "$cas_root/tests/support/check_store.py" "$@" "$CAS_STORE" 2>&1) || status=$?
  [[ $status -eq 0 ]] || fail "check_store: $output"
}

# assert_no_scratch DIR...: nothing that belongs to no finished command is left in the store, in these folders of
# environments, or inside the environments themselves.
assert_no_scratch() {
  local left
  left=$(find "$CAS_STORE/staging" "$CAS_STORE/running" -mindepth 1 2>/dev/null || true)
  left+=$(find "$@" \( -name '.cas-*' -o -path '*/.cas/new-*' -o -path '*/.cas/journal' -o -path '*/.cas/kept*' \) \
    -print -prune 2>/dev/null || true)
  [[ -z $left ]] || fail "left behind: $left"
}
