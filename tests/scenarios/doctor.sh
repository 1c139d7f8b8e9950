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
  expect_failure cas doctor elsewhere
  cas doctor --fix elsewhere > report 2>&1 || true
  assert_eq "$(kinds elsewhere)" "dangling-link foreign" "$base: put right, but for what is not cas's: $(cat report)"
  assert_eq "$(elsewhere/bin/python -c 'import demo, demo.other, foreign; print(demo.value, demo.other.other, foreign.foreign)')" "1 1 1"
  [[ $(find elsewhere/.cas/kept -type f | wc -l) -eq 3 ]] || fail "$base: kept: $(find elsewhere/.cas/kept)"
  grep -rq 'mine = 1' elsewhere/.cas/kept || fail "$base: the edit is lost"
  rm "$site/dangling"
  assert_contains "$(cas doctor elsewhere)" sound

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

# The interpreter is gone.
python3 -m venv --help >/dev/null 2>&1 || skip "no Python here"
cas create env --base system demo-1.0-py3-none-any.whl >/dev/null
ln -sfn /nowhere/python3 env/bin/python
assert_contains "$(kinds env)" interpreter-missing
expect_failure cas doctor not-an-environment
