#!/usr/bin/env bash
# The power fails at any moment, and of what the disk had not promised yet anything may be lost or torn: on ext4, XFS and btrfs the
# store is sound, environments are whole, and what was reported is there (tests/power/crash_states.py, docs/reliability.md).
# CAS_POWER_STATES says how many states on each filesystem (default 8; 300 take some five minutes each), CAS_POWER_SEED which.
[[ -w /dev/shm ]] && export TMPDIR=/dev/shm # images of some hundred megabytes, mostly holes
. "$(dirname "$0")/lib.sh"
states=${CAS_POWER_STATES:-8}
seed=${CAS_POWER_SEED:-1}
log=${CAS_BLOCK_LOG:-${CAS_BIN%/*}/tests/cas_block_log}
[[ $(id -u) -eq 0 ]] || skip "needs root to mount filesystem images"
own_mounts || skip "no mount namespace of our own"
[[ -e /dev/loop-control ]] || skip "no loop devices here"
[[ -e /dev/fuse ]] || skip "no /dev/fuse here"
[[ -x $log ]] || skip "no cas_block_log: it is built where libfuse3 is (tools/setup --tests)"
[[ -x /usr/bin/python3 ]] || skip "no /usr/bin/python3"

# crash FILESYSTEM DURABILITY STATES
crash() {
  local work=$CAS_TEST_TMP/$1.$2
  command -v "mkfs.$1" >/dev/null || { printf 'not tested: %s (no mkfs.%s)\n' "$1" "$1"; return 0; }
  grep -qw "$1" /proc/filesystems || modprobe -q "$1" || { printf 'not tested: %s (the kernel has it not)\n' "$1"; return 0; }
  # One mount namespace for each: with --durability none it is told another boot.
  unshare --mount --propagation private python3 -B "$cas_root/tests/power/crash_states.py" --cas "$CAS_BIN" --block-log "$log" \
    --work "$work" --filesystem "$1" --durability "$2" --states "$3" --seed "$seed"
  rm -rf "$work"
}
for filesystem in ext4 xfs btrfs; do crash "$filesystem" batch "$states"; done
crash ext4 strict "$(((states + 1) / 2))"
crash xfs none "$(((states + 1) / 2))"
