#!/usr/bin/env bash
# Tools that know nothing of cas take its environments for what they are: pip from outside, uv, virtualenv, venv, tox, nox, pre-commit.
# Each is used where it is in PATH and named as not tested where not; nothing is downloaded.
#
# What CPython's own tests of venv ask is asked by: layout_like_venv.sh (files, home, version, executable, prefixes, sysconfig),
# compared_with_peers.sh (the same of every kind, with contents), venv_command.sh (prompt, --copies, --symlinks, --clear,
# --upgrade, --upgrade-deps, system site packages, no pip, .gitignore), target_exists.sh and mixed_directory.sh (what is in the way),
# activation.sh (every shell, PATH's separator, strict options), seed.sh (pip, and its removal), and here: multiprocessing and its
# recursion, no line ends of DOS, pip without a configuration.
. "$(dirname "$0")/lib.sh"
unset PIP_NO_CACHE_DIR "${!VIRTUALENV_@}" "${!UV_@}"
export UV_OFFLINE=1 UV_CACHE_DIR=$CAS_TEST_TMP/uv UV_PYTHON_DOWNLOADS=never
demo=$(make_wheel wheels demo 1.0 demo.py='def main(): print("demo runs")' @demo=demo:main)

# have TOOL: whether it is in PATH; says so where not, once.
declare -A told=()
have() {
  command -v "$1" >/dev/null && "$1" --version >/dev/null 2>&1 && return
  [[ -n ${told[$1]-} ]] || printf 'not tested: %s is not installed\n' "$1"
  told[$1]=1
  return 1
}

# quietly COMMAND...: must succeed; its output is in $OUTPUT.
quietly() {
  OUTPUT=$("$@" 2>&1) || fail "$*: $OUTPUT"
}

cat >processes.py <<'PYTHON'
import concurrent.futures, multiprocessing, sys

def below(depth):
    """The prefixes of processes started by one another."""
    if depth == 0:
        return [sys.prefix]
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return [sys.prefix] + pool.submit(below, depth - 1).result()

if __name__ == "__main__":
    print(below(2) == [sys.prefix] * 3)
PYTHON

base_of() { "$1/bin/python" -c 'import sys; print(sys.base_prefix)'; }
prefix_of() { "$1/bin/python" -c 'import sys; print(sys.prefix)'; }

python=$(pythons 3.9 | tail -n 1)
[[ -n $python ]] || skip "no Python from 3.9 on"
for kind in store system standalone; do
  env=$CAS_TEST_TMP/env-$kind
  cas create "$env" --base "$kind" --seed -p "$python" "$demo" >/dev/null
  base=$(base_of "$env")

  # Python's own: site, ensurepip, venv, multiprocessing, pip without a configuration.
  quietly "$env/bin/python" -B -m site
  assert_contains "$OUTPUT" "$env/lib/python"
  assert_contains "$OUTPUT" "ENABLE_USER_SITE: False"
  quietly "$env/bin/python" -B -m ensurepip
  assert_contains "$OUTPUT" "already satisfied: pip"
  assert_eq "$("$env/bin/python" -B processes.py)" True "processes of $kind"
  quietly env PIP_CONFIG_FILE=/dev/null PYTHONWARNINGS=default "$env/bin/python" -B -Im pip --version
  assert_contains "$OUTPUT" "$env/"
  if grep -l $'\r' "$env"/bin/[Aa]ctivate*; then fail "line ends of DOS"; fi
  # An environment made by an environment stands on the same Python.
  quietly "$env/bin/python" -m venv --without-pip "$env-venv"
  assert_eq "$(base_of "$env-venv") $(prefix_of "$env-venv")" "$base $env-venv" "venv made by $kind"

  if "$python" -m pip --python "$python" --version >/dev/null 2>&1; then
    quietly "$python" -m pip --python "$env" check
    quietly "$python" -m pip --python "$env/bin/python" list --format=freeze
    assert_contains "$OUTPUT" "demo==1.0"
    quietly "$python" -m pip --python "$env" inspect
    assert_contains "$OUTPUT" '"installer": "cas"'
  fi
  if have uv; then
    quietly uv pip list -p "$env"
    assert_contains "$OUTPUT" "demo"
    quietly uv pip check -p "$env"
    quietly uv venv -p "$env/bin/python" "$env-uv"
    assert_eq "$(base_of "$env-uv")" "$base" "uv's environment on $kind"
    # uv takes nothing for a virtual environment whose prefix is its base's: a standalone one must be named with -p.
    if [[ $kind != standalone ]]; then
      quietly env VIRTUAL_ENV="$env" uv pip install --dry-run demo
      assert_contains "$OUTPUT" "Would make no changes"
    fi
  fi
  if have virtualenv; then
    quietly virtualenv -q --no-seed -p "$env/bin/python" "$env-virtualenv"
    assert_eq "$(base_of "$env-virtualenv")" "$base" "virtualenv on $kind"
  fi
  if have tox; then
    printf '[tox]\nskipsdist = true\n[testenv:a]\ncommands = python -c "import sys; print(sys.base_prefix)"\n' >tox.ini
    quietly env VIRTUALENV_NO_SEED=1 tox --workdir "$env-tox" -e a -x "testenv.base_python=$env/bin/python"
    assert_contains "$OUTPUT" "$base"
  fi
  if have nox; then
    printf 'import nox\n\n@nox.session\ndef a(session):\n    session.run("demo")\n' >noxfile.py
    quietly env PATH="$env/bin:$PATH" VIRTUAL_ENV="$env" nox -s a --no-venv
    assert_contains "$OUTPUT" "demo runs"
  fi
  if have pre-commit && command -v git >/dev/null; then
    mkdir -p repository
    git -C repository init -q
    printf -- '- repo: local\n  hooks:\n  - {id: a, name: a, language: system, entry: %s, always_run: true, verbose: true}\n' \
      "$env/bin/demo" | { echo 'repos:' && cat; } >repository/.pre-commit-config.yaml
    git -C repository add -A
    OUTPUT=$(cd repository && PRE_COMMIT_HOME=$CAS_TEST_TMP/hooks pre-commit run a 2>&1) || fail "pre-commit: $OUTPUT"
    assert_contains "$OUTPUT" "demo runs"
  fi
done
assert_sound
