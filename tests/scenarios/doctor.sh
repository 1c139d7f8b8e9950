#!/usr/bin/env bash
# cas doctor names each thing that can be wrong with an environment, and --fix puts it right without losing anybody's work.
. "$(dirname "$0")/lib.sh"
make_wheel . demo 1.0 'demo/__init__.py=value = 1' 'demo/other.py=other = 1' '@demo-tool=demo:main' >/dev/null
make_wheel . extra 1.0 'extra.py=x = 1' >/dev/null

kinds() { # of the faults of an environment, in order
  { cas doctor "$1" --json || true; } | python3 -c '
import json, sys
found = json.load(sys.stdin)["environments"][0]["findings"]
print(" ".join(sorted({finding["kind"] for finding in found})))'
}

faults() { # of an environment, one per line
  { cas doctor "$1" --json || true; } | python3 -c '
import json, sys
for finding in json.load(sys.stdin)["environments"][0]["findings"]:
    if finding["fault"]: print(finding["kind"], finding["path"], finding["detail"])'
}

for base in system store standalone; do
  cas create env --base "$base" demo-1.0-py3-none-any.whl >/dev/null
  site=$(echo env/lib/python3*/site-packages)
  assert_contains "$(cas doctor env)" sound "$base: a new environment"
  assert_eq "$(kinds env)" "" "$base"

  rm "$site/demo/other.py"
  cp "$site/demo/__init__.py" copy && rm "$site/demo/__init__.py" && { cat copy; echo 'mine = 1'; } > "$site/demo/__init__.py"
  sed -i '$a # mine' env/bin/demo-tool # a new file: a script may be shared with the store
  echo '# mine' >> env/bin/activate
  echo 'foreign = 1' > "$site/foreign.py"
  ln -s nowhere "$site/dangling"
  mv env elsewhere
  site=$(echo elsewhere/lib/python3*/site-packages)
  assert_eq "$(kinds elsewhere)" "dangling-link edited foreign missing moved" "$base"
  assert_eq "$(faults elsewhere | grep -cE 'foreign|dangling' || true)" 0 "$base: what is not cas's is no fault"
  assert_eq "$(faults elsewhere | grep -c moved || true)" "$([[ $base == standalone ]] && echo 0 || echo 1)" "$base: moved"
  assert_contains "$(cas doctor elsewhere || true)" "${site#*/}/foreign.py was not placed by cas"
  expect_failure cas doctor elsewhere
  cas doctor --fix elsewhere > report 2>&1 || true
  assert_eq "$(kinds elsewhere)" "dangling-link foreign" "$base: put right, but for what is not cas's: $(cat report)"
  assert_eq "$(elsewhere/bin/python -c 'import demo, demo.other, foreign; print(demo.value, demo.other.other, foreign.foreign)')" "1 1 1"
  [[ $(find elsewhere/.cas/kept -type f | wc -l) -eq 3 ]] || fail "$base: kept: $(find elsewhere/.cas/kept)"
  grep -rq 'mine = 1' elsewhere/.cas/kept || fail "$base: the edit is lost"
  assert_contains "$(cas doctor elsewhere)" sound
  rm "$site/dangling"

  elsewhere/bin/python - << 'PYTHON'
import os, sysconfig
info = os.path.join(sysconfig.get_paths()["purelib"], "other-2.0.dist-info")
os.mkdir(info)
open(os.path.join(info, "METADATA"), "w").write("Metadata-Version: 2.1\nName: other\nVersion: 2.0\n")
PYTHON
  assert_contains "$(kinds elsewhere)" other-package "$base"
  cas remove elsewhere >/dev/null 2>&1
  rm -rf elsewhere
done

# Moved without a fault: an environment whose scripts find their interpreter. The others name the remedy.
cas create env --base system --relocatable demo-1.0-py3-none-any.whl >/dev/null
mv env elsewhere
assert_eq "$(faults elsewhere)" ""
assert_contains "$(cas doctor elsewhere)" "works here, too"
cas remove elsewhere >/dev/null
cas create env --base system demo-1.0-py3-none-any.whl >/dev/null
mv env elsewhere
assert_contains "$(faults elsewhere)" "cas move $PWD/elsewhere"
expect_failure --status 127 cas run elsewhere demo-tool
assert_contains "$OUTPUT" "cas move $PWD/elsewhere"
cas move elsewhere >/dev/null
cas remove elsewhere >/dev/null

# Several files in the top directory.
cas create env --base system >/dev/null
touch env/one
assert_contains "$(cas doctor env)" " one was not placed"
touch env/two
assert_contains "$(cas doctor env)" " . holds 2 files"
rm -rf env

# What other tools did to packages is theirs: one finding each, no fault, and --fix does not take it back.
info_of() { # DIR NAME VERSION FILE...: as pip leaves a package
  mkdir "$1/$2-$3.dist-info"
  printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$2" "$3" >"$1/$2-$3.dist-info/METADATA"
  echo pip >"$1/$2-$3.dist-info/INSTALLER"
  printf '%s,,\n' "$2-$3.dist-info/METADATA" "$2-$3.dist-info/INSTALLER" "$2-$3.dist-info/RECORD" "${@:4}" >"$1/$2-$3.dist-info/RECORD"
}
cas create env --base system demo-1.0-py3-none-any.whl extra-1.0-py3-none-any.whl >/dev/null
site=$(echo env/lib/python3*/site-packages)
rm -rf "$site"/demo "$site"/demo-1.0.dist-info env/bin/demo-tool "$site"/extra.py "$site"/extra-1.0.dist-info
mkdir "$site/demo"
echo 'value = 2' >"$site/demo/__init__.py"
echo 'new = 1' >"$site/demo/new.py"
info_of "$site" demo 2.0 demo/__init__.py demo/new.py ../../../bin/demo-new
touch env/bin/demo-new
report=$(cas doctor env)
assert_contains "$report" "demo: 1.0 was replaced by 2.0 by another tool"
assert_contains "$report" "extra: 1.0 was removed by another tool"
assert_eq "$(wc -l <<<"$report")" 3 "nothing else: $report"
echo '# mine' >>env/bin/activate
expect_failure cas doctor env
cas doctor --fix env >report 2>&1 || fail "--fix: $(cat report)"
assert_not_contains "$(cat report)" "left alone"
assert_eq "$(env/bin/python -c 'import demo, demo.new; print(demo.value)')" 2
assert_absent "$site/extra.py"
assert_absent "$site/demo-1.0.dist-info"
assert_exists env/bin/demo-new
assert_contains "$(cas doctor env)" "demo-2.0.dist-info was installed by another tool"
cas remove env >/dev/null
# What is left of a package was damaged, not removed; so was everything where site-packages has gone.
cas create env --base system demo-1.0-py3-none-any.whl >/dev/null
site=$(echo env/lib/python3*/site-packages)
rm -rf "$site"/demo-1.0.dist-info
assert_contains "$(faults env)" "missing"
cas doctor --fix env >/dev/null
rm -rf "$site"
assert_contains "$(faults env)" "missing"
cas doctor --fix env >/dev/null
assert_contains "$(cas doctor env)" sound
cas remove env >/dev/null

# A directory that is a link now: everything is there, and nothing can be changed.
cas create env --base system demo-1.0-py3-none-any.whl >/dev/null
site=$(echo env/lib/python3*/site-packages)
mv "$site" packages
ln -s "$PWD/packages" "$site"
assert_eq "$(kinds env)" edited
assert_contains "$(faults env)" "site-packages is a symbolic link"
expect_failure cas doctor --fix env
assert_contains "$OUTPUT" "remove the link"
rm "$site"
mv packages "$site"
assert_contains "$(cas doctor env)" sound
cas remove env >/dev/null

# The index was made anew: the environment is as it was.
cas create env --base system demo-1.0-py3-none-any.whl >/dev/null
cas index rebuild >/dev/null
assert_eq "$(cas doctor env)" "env: sound"
cas remove env >/dev/null

# What --fix would do, without doing it.
cas create env --base system demo-1.0-py3-none-any.whl >/dev/null
expect_failure --status 2 cas doctor --dry-run env
assert_eq "$(cas doctor --fix --dry-run env)" "env: sound"
site=$(echo env/lib/python3*/site-packages)
rm -rf "$site"/demo-1.0.dist-info
before=$(tree_sum env)
assert_contains "$(cas doctor --fix --dry-run env)" "env: would be put right"
assert_eq "$(cas doctor --fix --dry-run env --json | json environments.0.fixable)" true
assert_eq "$(tree_sum env)" "$before" "a dry run"
chmod u+w "$site/demo/__init__.py"
echo edited in place >>"$site/demo/__init__.py"
expect_failure --status 1 cas doctor --fix --dry-run env
assert_contains "$OUTPUT" "env: could not be put right: demo/__init__.py: its object"
cas repair --offline demo-1.0-py3-none-any.whl >/dev/null
assert_contains "$(cas doctor --fix --dry-run env)" "would be put right"
cas doctor --fix env >/dev/null
cas create twin --base system demo-1.0-py3-none-any.whl >/dev/null
bytecode=$(echo "$site"/demo/__pycache__/__init__.*.pyc)
chmod u+w "$bytecode"
echo junk >>"$bytecode"
for how in '--fix --dry-run' --fix; do
  # shellcheck disable=SC2086
  expect_failure --status 1 cas doctor $how env
  assert_contains "$OUTPUT" ".pyc: its object" "$how"
done
cas repair --offline >/dev/null
mv "$site/demo" elsewhere
ln -s "$PWD/elsewhere" "$site/demo"
for how in '--fix --dry-run' --fix; do
  # shellcheck disable=SC2086
  expect_failure --status 1 cas doctor $how env
  assert_contains "$OUTPUT" "demo is a symbolic link, and nothing is written through it" "$how"
done
rm -r "$site/demo" elsewhere
cas doctor --fix env >/dev/null
cas remove env twin >/dev/null

# The interpreter is gone, or only the way to it.
cas create env --base system >/dev/null
rm env/bin/python
assert_contains "$(faults env)" "is gone; the interpreter"
assert_not_contains "$(kinds env)" interpreter-missing
cas doctor --fix env >/dev/null
env/bin/python -c ''
cas remove env >/dev/null
python3 -m venv --help >/dev/null 2>&1 || skip "no Python here"
cas create env --base system demo-1.0-py3-none-any.whl >/dev/null
ln -sfn /nowhere/python3 env/bin/python
assert_contains "$(kinds env)" interpreter-missing
expect_failure cas doctor not-an-environment
