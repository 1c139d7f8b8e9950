#!/usr/bin/env bash
# Killed, or refused by the system, at any named step of any command: the store is sound, environments are the old or the new one, the
# same command then succeeds, and nothing is left behind.
# Of five errors (disk full, quota, input/output, descriptors, read-only) two take turns from case to case; all: CAS_KILL_MATRIX=all.
# In memory: some 3,000 runs of the program, and the disk is not what is tested.
[[ -w /dev/shm ]] && export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
steps=$cas_root/tests/scenarios/kill_matrix.steps
named=$(grep -rhoE 'failpoint\("[^"]+"\)' "$cas_root/store" "$cas_root/linker" "$cas_root/cli" --include='*.cpp' |
  sed 's/.*("//; s/").*//' | sort -u)
assert_eq "$(grep -v '^#' "$steps" | awk '{ print $1 }' | sort -u)" "$named" "steps in kill_matrix.steps and in the sources"

export CAS_DURABILITY=none # the steps are the same
one=$(make_wheel "$CAS_TEST_TMP/wheels" one 1.0 one/__init__.py='x = 1' one/both.py='same = 1' one/a.py='a = 1' @one=one:main)
new=$(make_wheel "$CAS_TEST_TMP/wheels" one 2.0 one/__init__.py='x = 2' one/both.py='same = 1' one/b.py='b = 1' @two=one:main)
two=$(make_wheel "$CAS_TEST_TMP/wheels" two 1.0 two.py='y = 1')
. "$cas_root/tests/scenarios/lib_index.sh"
LOCK_INDEX=http://127.0.0.1:9 lock_of "$new" "$two" > "$CAS_TEST_TMP/pylock.toml" # nobody is asked: they are in the store

# prepare COMMAND: a fresh store as the command finds it, from a template; run COMMAND then runs it.
prepare() {
  cd "$CAS_TEST_TMP"
  rm -rf "now$worker"
  mkdir "now$worker"
  CAS_STORE=$CAS_TEST_TMP/now$worker/store
  cd "now$worker"
  case $1 in
    add-first | add) [[ $1 == add-first ]] || cas add "$two" >/dev/null ;;
    create | capture) cas create other "$two" >/dev/null ;;
    base)
      CAS_STORE=$PWD/base cas create old --base store "$one" >/dev/null
      base_before=$(tree_sum base)
      ;;
    change)
      cas create env "$one" "$two" >/dev/null
      printf 'edited\n' > env/note
      rm env/bin/one env/lib/python3*/site-packages/one/both.py
      printf 'same = "edited by the user"\n' > "$(echo env/lib/python3*/site-packages/one)/both.py"
      ;;
    rollback)
      cas create env "$one" "$two" >/dev/null
      cas create env "$new" >/dev/null
      printf 'edited\n' > env/note
      rm env/lib/python3*/site-packages/one/both.py
      printf 'same = "edited by the user"\n' > "$(echo env/lib/python3*/site-packages/one)/both.py"
      ;;
    install | uninstall | sync)
      cas create env "$one" "$two" >/dev/null
      cas add "$new" >/dev/null
      printf 'edited\n' > env/note
      ;;
    rebuild)
      cas create keep "$two" >/dev/null
      cas add "$one" >/dev/null
      ;;
    remove) cas create env "$one" >/dev/null ;;
    pin) cas add "$one" >/dev/null ;;
    repair | unshare | forget)
      mkdir wheels
      cp "$one" wheels
      cas create env wheels/*.whl >/dev/null
      cas create keep wheels/*.whl >/dev/null
      [[ $1 != forget ]] || rm -r wheels # which direct_url.json names
      chmod u+w env/lib/python3*/site-packages/one/a.py
      printf 'a = 9\n' > "$(echo env/lib/python3*/site-packages/one)/a.py"
      ;;
    move)
      cas create env "$one" "$two" >/dev/null
      printf 'edited\n' > env/note
      ;;
    gc | gc-orphans)
      cas create keep "$two" >/dev/null
      cas add "$one" "$new" >/dev/null
      cas create gone "$one" >/dev/null
      cas create bare --no-compile-bytecode "$two" >/dev/null
      rm -r gone bare # and with them their bytecode and plans
      if [[ $1 == gc-orphans ]]; then
        printf x > store/objects/00000000/"$(printf 'orphan' | sha256sum | cut -c1-64)"
        printf x > store/manifests/"$(printf 'orphan' | sha256sum | cut -c1-64)"
      fi
      ;;
  esac
}

run() {
  case $1 in
    add | add-first) cas add "$one" ;;
    create) cas create env "$one" ;;
    capture) cas create env --base store "$one" ;;
    base) cas --base-store base create env --base store "$one" ;;
    change) cas create env "$new" ;;
    rollback) cas rollback env 1 ;;
    install) cas install --offline env "$new" ;;
    uninstall)
      if [[ -e $(echo env/lib/python3*/site-packages)/two.py || ${2-} != again ]]; then cas uninstall env two; else cas doctor --fix env; fi
      ;;
    sync) cas sync --offline env "$CAS_TEST_TMP/pylock.toml" ;;
    rebuild) cas index rebuild ;;
    repair) cas repair --offline ;;
    # Nobody has it, and that is said.
    forget) cas repair --offline || { local status=$?; [[ $status -eq 1 && -z ${CAS_FAILPOINT-} ]] || return $status; } ;;
    unshare)
      cas unshare --offline --edited env || return
      if [[ ${2-} == again ]]; then cas repair --offline; fi
      ;;
    remove) if [[ -e env || ${2-} != again ]]; then cas remove env; fi ;;
    # Once it is done, there is nothing to repeat.
    move) if [[ -e env/.cas || ${2-} != again ]] || compgen -G 'store/running/*' >/dev/null; then cas move env env2; fi ;;
    gc | gc-orphans) cas gc ;;
    pin) cas pin one ;;
  esac
}

# usable COMMAND: what the command works on is as before or as after it.
usable() {
  case $1 in
    create | capture | base) [[ ! -e env ]] || assert_eq "$(value)" "1 1" ;;
    change | rollback | install | sync)
      [[ $(value) == "1 1" || $(value) == "2 1" ]] || fail "neither the old nor the new environment: $(value)"
      ;;
    remove) [[ ! -e env ]] || assert_eq "$(value)" "1 1" ;;
    uninstall) assert_eq "$(value)" "1 1" ;;
    move)
      [[ -e env ]] && assert_absent env2
      assert_eq "$(value) $(cat env*/note)" "1 1 edited"
      ;;
    gc | gc-orphans | rebuild) grep -q 'y = 1' keep/lib/python3*/site-packages/two.py ;;
  esac
}

# What the environment holds, without the time that a Python takes to start.
value() {
  local package
  package=$(echo env*/lib/python3*/site-packages/one)
  printf '%s %s' "$(sed 's/x = //' "$package/__init__.py")" \
    "$(cat "$package/a.py" "$package/b.py" 2>/dev/null | grep -c . || true)"
}

no_scratch() {
  local left
  left=$(find store/staging store/running -mindepth 1; find . -name '.cas-*'
    find store -path 'store/python/.*' -prune
    find . \( -path '*/.cas/new-*' -o -path '*/.cas/journal' \) -print -prune)
  [[ -z $left ]] || fail "$1: left behind: $left"
}

sound() {
  local status=0 output
  output=$(cas verify "${@:2}" 2>&1) || status=$?
  [[ $status -eq 0 ]] || fail "$1: verify: status $status: $output"
}

# one_case STEP COMMAND ACTION
one_case() {
  local step=$1 command=$2 action=$3 what="$2 at $1:$3" status=0 expected=1 output
  prepare "$command"
  output=$(CAS_FAILPOINT=$step:$action run "$command" 2>&1) || status=$?
  if [[ $action == kill ]]; then
    [[ $status -eq 137 ]] || fail "$what: not killed (status $status): is it reached? $output"
  else
    # By then it has happened: a warning says that there will be no rollback.
    [[ $step:$command =~ ^(root-noted|revision-kept):(change|rollback|install|uninstall|sync)$ ]] && expected=0
    [[ $status -eq $expected ]] || fail "$what: status $status: $output"
    assert_contains "$output" "$step" "$what: message"
    # What failed has cleaned up after itself, but for a change or a removal that the next command finishes.
    [[ -e env/.cas/journal || -e env2/.cas/journal || $command == remove || $step == journal-removed ]] || no_scratch "$what"
  fi
  # Half a rebuild is no index: until it is run again every command says so.
  [[ $command =~ ^(rebuild|repair|unshare|forget)$ ]] || sound "$what"
  # A change that has its journal goes on with the next command that works on the environment.
  [[ -e env/.cas/journal || -e env2/.cas/journal ]] || usable "$command"
  output=$(run "$command" again 2>&1) || fail "$what: again: $output"
  usable "$command"
  case $command in
    create) assert_eq "$(value)" "1 1" "$what" ;;
    base)
      assert_eq "$(tree_sum base)" "$base_before" "$what: the base store"
      rm -rf base old
      ;;&
    capture | base) assert_contains "$(env/bin/python -c 'import one, sys; print(one.x, sys.base_prefix)')" "1 $PWD/store/python/" ;;
    change | install | sync) assert_eq "$(value)" "2 1" "$what" && assert_eq "$(cat env/note)" edited "$what" ;;
    uninstall)
      assert_absent "$(echo env/lib/python3*/site-packages)/two.py"
      assert_eq "$(cat env/note)" edited "$what"
      ;;
    rollback)
      assert_eq "$(value)" "1 1" "$what" && assert_eq "$(cat env/note)" edited "$what"
      assert_eq "$(cas history env --json | json revisions.0.revision) $(cas history env --json | json revisions.1.command)" \
        "1 create" "$what"
      ;;
    remove) assert_absent env ;;
    pin) assert_eq "$(cas pins --json | json pins | grep -o '"kind"' | wc -l)" 1 "$what" ;;
    repair)
      assert_eq "$(cat env/lib/python3*/site-packages/one/a.py)" "a = 1" "$what"
      cas verify --contents --all >/dev/null || fail "$what: verify"
      assert_absent store/quarantine/*
      ;;
    unshare)
      assert_eq "$(cat env/lib/python3*/site-packages/one/a.py keep/lib/python3*/site-packages/one/a.py)" $'a = 9\na = 1' "$what"
      cas verify --contents --all >/dev/null || fail "$what: verify"
      assert_absent store/quarantine/*
      cas remove env >/dev/null # in which RECORD does not fit any more
      ;;
    forget)
      sound "$what" --contents
      cas create new "$one" >/dev/null
      assert_eq "$(cat new/lib/python3*/site-packages/one/a.py)" "a = 1" "$what"
      # Now that the store has it again, it comes to those who had the damaged file.
      cas repair --offline >/dev/null || fail "$what: repair"
      assert_eq "$(cat env/lib/python3*/site-packages/one/a.py keep/lib/python3*/site-packages/one/a.py)" "a = 1a = 1" "$what"
      ;;
    move)
      assert_absent env
      assert_eq "$(head -n 1 env2/bin/one)" "#!$PWD/env2/bin/python" "$what"
      assert_eq "$(cas list --json | json environments.0.path)" "$PWD/env2" "$what"
      ;;
  esac
  cas gc --quiet >/dev/null 2>&1 || fail "$what: gc"
  no_scratch "$what"
  invariants "$what"
}

# As check_store, by one process for all: to start a Python took longer than a case.
start_checker() { coproc checker { exec python3 -B "$cas_root/tests/support/check_store.py" --contents --quiescent --each 2>&1; }; }
invariants() {
  local line said=()
  printf '%s\n' "$CAS_STORE" >&"${checker[1]}"
  while IFS= read -r line <&"${checker[0]}" || fail "$1: the checker ended: ${said[*]}"; [[ -n $line ]]; do said+=("$line"); done
  [[ ${#said[@]} -eq 1 && ${said[0]} == {*} ]] || fail "$1: ${said[*]}"
}

awk -v all="${CAS_KILL_MATRIX-}" '
  BEGIN { n = split("enospc eio edquot emfile erofs", errors) }
  !/^#/ && $2 != "-" {
    for (i = 2; i <= NF; i++) {
      print $1, $i, "kill"
      for (a = 0; a < (all == "all" ? n : 2); a++) print $1, $i, errors[1 + (all == "all" ? a : turn++ % n)]
    }
  }' "$steps" > cases
cases=$(wc -l < cases)
((cases >= 100)) || fail "only $cases cases"
work() {
  local step command action
  start_checker
  while read -r step command action; do
    one_case "$step" "$command" "$action"
  done < <(awk -v worker="$worker" 'NR % 2 == worker' cases)
}
worker=0
work &
other=$! # a process substitution changes $!
worker=1
work
wait "$other"
printf '%s cases\n' "$cases"
