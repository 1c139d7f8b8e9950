#!/usr/bin/env bash
# `cas run SCRIPT` makes the environment that the script's block asks for, once, and is gone; gc takes back what no script used.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX
mkdir wheels
make_wheel wheels base 1.0 base.py='x = "one"' >/dev/null
start_index wheels
export PIP_INDEX_URL=$INDEX/simple
scripts=$CAS_STORE-envs/.scripts
environments() { find "$scripts" -mindepth 1 -maxdepth 1 2>/dev/null | wc -l; }
uv=$(a_uv)

# Without a block: an environment with nothing in it, one for all such scripts.
printf 'import sys\nprint(sys.argv[1:], sys.prefix)\n' >plain.py
cp plain.py ./-dash.py
assert_eq "$(cas run plain.py --help -q -- --store x 2>/dev/null)" "['--help', '-q', '--', '--store', 'x'] $(echo "$scripts"/*)"
assert_eq "$(cas run -- -dash.py -p 3 2>/dev/null)" "['-p', '3'] $(echo "$scripts"/*)"
assert_eq "$(environments)" 1
echo 'import sys; sys.exit(7)' >seven.py
expect_failure --status 7 cas run seven.py

# Block and name: a file without .py needs a block.
echo 'print("no script")' >words
expect_failure --status 125 cas run words x
printf '# /// script\n# dependencies = []\n# ///\nimport sys\nprint("a block", *sys.argv[1:])\n' >tool
assert_eq "$(cas run tool -v)" "a block -v"
assert_eq "$(environments)" 1 "the same is asked for"

# What is wrong.
expect_failure --status 127 cas run nosuch.py
assert_contains "$OUTPUT" "there is no script $PWD/nosuch.py"
expect_failure --status 127 cas run --no-index nosuch.py x
echo 'import os, signal; os.kill(os.getpid(), signal.SIGTERM)' >ended.py
expect_failure --status 143 cas run ended.py
printf '# /// script\n# dependencies = [\n# ///\n' >bad.py
expect_failure --status 125 cas run bad.py
assert_contains "$OUTPUT" "bad.py:"
printf '# /// script\n# dependencies = ["six >> 1"]\n# ///\n' >bad.py
expect_failure --status 2 cas run bad.py
assert_contains "$OUTPUT" "bad.py:2"
{
  cat tool
  echo
  cat tool
} >two.py
expect_failure --status 125 cas run two.py
assert_contains "$OUTPUT" "two.py:7: a second block"
printf '# /// script\n# requires-python = ">=9"\n# ///\n' >later.py
expect_failure --status 125 cas run later.py
assert_contains "$OUTPUT" ">=9"
expect_failure --status 125 cas run -p python3 later.py
assert_contains "$OUTPUT" "later.py requires Python >=9"
cas create env >/dev/null
expect_failure --status 2 cas run -p 3 env python
assert_contains "$OUTPUT" "--python is about the environment of a script"

# An environment whose Python has gone is made again, and `cas list` knows them.
assert_contains "$(cas list)" "$scripts"
rm "$scripts"/*/bin/python
assert_contains "$(cas run plain.py 2>/dev/null)" "[]"

# Several at once need the same, which is not there yet.
cas remove "$scripts"/* >/dev/null
makers=()
for i in 1 2 3 4 5; do
  cas run tool "$i" >"out$i" 2>"err$i" &
  makers+=($!)
done
wait "${makers[@]}" || true
for i in 1 2 3 4 5; do assert_eq "$(cat "out$i")" "a block $i" "$(cat "err$i")"; done
assert_eq "$(environments)" 1

# gc: only after the time, only those that are not used.
cas gc >/dev/null
assert_eq "$(environments)" 1
touch -d '20 days ago' "$scripts"/*/.cas/anchor env/.cas/anchor
cas run plain.py >/dev/null
cas gc --scripts-max-age 10d >/dev/null
assert_eq "$(environments)" 1 "used again"
touch -d '20 days ago' "$scripts"/*/.cas/anchor env/.cas/anchor
cas gc >/dev/null
assert_eq "$(environments)" 1 "30 days is the default"
assert_contains "$(cas gc --scripts-max-age 10d --dry-run)" "would remove $scripts/"
assert_eq "$(cas gc --scripts-max-age 10d --dry-run --json | json scripts.0)" "$(echo "$scripts"/*)"
assert_eq "$(environments)" 1 "only said"
cas gc --scripts-max-age 10d >/dev/null
assert_eq "$(environments)" 0
assert_exists env
expect_failure --status 2 cas gc --scripts-max-age often

# One in which a script still runs is in use, however long ago it was started; its time begins when that ends.
cat >long.py <<'PYTHON'
import os, pathlib, sys, time
if "again" not in sys.argv:
    os.execv(sys.executable, [sys.executable, __file__, "again"])
pathlib.Path("running").touch()
while not pathlib.Path("stop").exists():
    time.sleep(0.05)
print("ended")
PYTHON
cas run long.py >long.out 2>/dev/null &
runner=$!
for ((i = 0; i < 600; i++)); do
  [[ ! -e running ]] || break
  sleep 0.1
done
touch -d '20 days ago' "$scripts"/*/.cas/anchor
assert_eq "$(cas gc --scripts-max-age 0 --dry-run --json | json scripts)" "[]"
cas gc --scripts-max-age 0 >/dev/null
assert_eq "$(environments)" 1 "a script is running"
touch stop
wait "$runner"
assert_eq "$(cat long.out)" ended
cas gc --scripts-max-age 10d >/dev/null
assert_eq "$(environments)" 1 "a script ran a moment ago"
touch -d '20 days ago' "$scripts"/*/.cas/anchor
cas gc --scripts-max-age 10d >/dev/null
assert_eq "$(environments)" 0

# What is asked for differs also by how packages are built. These are pinned: nobody resolves.
printf 'base==1.0 --hash=sha256:%s\n' "$(sha256sum wheels/base-1.0-py3-none-any.whl | cut -d' ' -f1)" >pinned.txt
echo 'other<2' >build.txt
number=0
for options in '' --no-build '-C a=b' '-C a=c' '--no-binary other' '--build-constraint build.txt'; do
  # shellcheck disable=SC2086
  cas run -r pinned.txt $options plain.py >out 2>/dev/null
  number=$((number + 1))
  assert_eq "$(environments)" "$number" "environments, with $options"
done
# shellcheck disable=SC2086
cas run -r pinned.txt -C a=b plain.py >/dev/null
assert_eq "$(environments)" "$number"

# gc says beforehand what it will do, with what only these environments hold.
touch -d '20 days ago' "$scripts"/*/.cas/anchor
dry=$(cas gc --scripts-max-age 10d --dry-run --json)
assert_eq "$(environments)" "$number"
real=$(cas gc --scripts-max-age 10d --json)
assert_eq "$(environments)" 0
assert_eq "$(json packages.0.name <<<"$real")" base
[[ $(json bytes_freed <<<"$real") -gt 0 ]] || fail "nothing was freed: $real"
for field in scripts environments gone packages objects_removed bytes_freed objects_kept objects_held history; do
  assert_eq "$(json "$field" <<<"$dry")" "$(json "$field" <<<"$real")" "$field, before and after"
done

if [[ -z $uv ]] || ! "$uv" pip compile --help 2>&1 | grep -q pylock.toml; then
  echo "not tested: resolving (no uv in PATH that writes pylock.toml)"
  exit 0
fi
export CAS_RESOLVER=$uv
printf '# /// script\n# dependencies = ["base"]\n# ///\nimport base\nprint(base.x)\n' >needs.py
assert_eq "$(cas run needs.py 2>/dev/null)" one
asked=$(index_log | wc -l)

# Warm: neither store nor index nor resolver.
mv "$CAS_STORE/index" aside
assert_eq "$(CAS_RESOLVER=/nowhere cas run needs.py)" one
mv aside "$CAS_STORE/index"
assert_eq "$(index_log | wc -l)" "$asked" "requests when it is warm"

# --refresh looks again; other indexes are another environment.
make_wheel wheels base 2.0 base.py='x = "two"' >/dev/null
assert_eq "$(cas run needs.py)" one
assert_eq "$(cas run --refresh needs.py 2>/dev/null)" two
assert_eq "$(cas run needs.py)" two
assert_eq "$(environments)" 1
assert_eq "$(cas run --find-links wheels --no-index needs.py 2>/dev/null)" two
assert_eq "$(environments)" 2
