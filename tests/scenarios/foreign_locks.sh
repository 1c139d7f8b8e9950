#!/usr/bin/env bash
# uv.lock and poetry.lock are exported by their own tools, with extras and groups, and installed by their hashes.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

unset PIP_NO_INDEX
mkdir wheels project bin
for name in base web testing; do make_wheel wheels "$name" 1.0 "$name.py=x = 1" >/dev/null; done
start_index wheels
export PIP_INDEX_URL=$INDEX/simple
cat >project/pyproject.toml <<'TOML'
[project]
name = "demo"
version = "1"
requires-python = ">=3.8"
dependencies = ["base"]
[project.optional-dependencies]
web = ["web"]
[dependency-groups]
dev = ["testing"]
TOML

# What is missing is said, with what to run.
expect_failure --status 1 cas sync e project/uv.lock
assert_contains "$OUTPUT" "project/uv.lock is not there"
mkdir alone
touch alone/uv.lock project/poetry.lock
expect_failure --status 1 cas sync e alone/uv.lock
assert_contains "$OUTPUT" "alone/pyproject.toml is not there"
PATH=/usr/bin:/bin expect_failure --status 1 cas sync e project/poetry.lock
assert_contains "$OUTPUT" "poetry export -f requirements.txt"
assert_absent e

# A poetry that has no such command, and one that has: its answer is pinned, and needs no resolver.
printf '#!/bin/sh\necho "The command export does not exist." >&2\nexit 1\n' >bin/poetry
chmod +x bin/poetry
expect_failure --status 1 env PATH="$CAS_TEST_TMP/bin:$PATH" "$CAS_BIN" sync e project/poetry.lock
assert_contains "$OUTPUT" "does not exist"
assert_contains "$OUTPUT" "poetry-plugin-export"
pin() { printf '%s==1.0 ; python_version >= "3.6" --hash=sha256:%s\n' "$1" "$(sha256sum "wheels/$1-1.0-py3-none-any.whl" | cut -d' ' -f1)"; }
{
  pin base
  pin web
} >exported
cat >bin/poetry <<'SH'
#!/bin/sh
echo "$@" >"$POETRY_SAYS/words"
while [ $# -gt 0 ]; do
  if [ "$1" = --output ]; then cp "$POETRY_SAYS/exported" "$2"; fi
  shift
done
SH
export POETRY_SAYS=$CAS_TEST_TMP
PATH=$CAS_TEST_TMP/bin:$PATH cas sync e project/poetry.lock --extra web --group dev --resolver sh >/dev/null
assert_eq "$(installed e)" "base web"
assert_contains "$(cat words)" "--directory $CAS_TEST_TMP/project"
assert_contains "$(cat words)" "--extras web --with dev"
PATH=$CAS_TEST_TMP/bin:$PATH cas sync e project/poetry.lock --only-group dev --resolver sh >/dev/null 2>&1
assert_contains "$(cat words)" "--only dev"
PATH=$CAS_TEST_TMP/bin:$PATH cas sync e project/poetry.lock --all-groups --no-dev --all-extras --resolver sh >/dev/null 2>&1
assert_contains "$(cat words)" "--all-extras --all-groups --without dev"
printf -- '-r /etc/passwd\n' >exported
expect_failure env PATH="$CAS_TEST_TMP/bin:$PATH" "$CAS_BIN" sync e project/poetry.lock
assert_contains "$OUTPUT" "names /etc/passwd"
cp bin/poetry exporting-poetry
# One that claims to have exported, and one that fails while whoever started us ignores SIGCHLD: the environment stays what it is.
printf '#!/bin/sh\nexit 0\n' >bin/poetry
expect_failure --status 1 env PATH="$CAS_TEST_TMP/bin:$PATH" "$CAS_BIN" sync e project/poetry.lock
assert_contains "$OUTPUT" "has written nothing"
printf '#!/bin/sh\nexit 1\n' >bin/poetry
expect_failure --status 1 env PATH="$CAS_TEST_TMP/bin:$PATH" python3 -c \
  'import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])' \
  "$CAS_BIN" sync e project/poetry.lock
assert_contains "$OUTPUT" "cannot export it"
assert_eq "$(installed e)" "base web"
mv exporting-poetry bin/poetry

# The same in diff and export: what poetry says, for one Python.
{
  pin base
  pin web
} >exported
with_poetry() { PATH=$CAS_TEST_TMP/bin:$PATH "$CAS_BIN" "$@"; }
assert_eq "$(with_poetry diff e project/poetry.lock --exit-code)" "no difference"
pin base >exported
expect_failure --status 1 with_poetry diff project/poetry.lock e --exit-code
assert_eq "$OUTPUT" "+ web 1.0"
assert_eq "$(with_poetry export project/poetry.lock --extra web)" "base==1.0 \\
    --hash=sha256:$(sha256sum wheels/base-1.0-py3-none-any.whl | cut -d' ' -f1)"
assert_contains "$(cat words)" "--extras web"
with_poetry export project/poetry.lock -o pylock.poetry.toml >/dev/null
assert_contains "$(<pylock.poetry.toml)" "requires-python = \"==3."
cas sync p pylock.poetry.toml >/dev/null
assert_eq "$(installed p)" "base"
PATH=/usr/bin:/bin expect_failure --status 1 cas export project/poetry.lock
assert_contains "$OUTPUT" "poetry export -f requirements.txt"
PATH=/usr/bin:/bin expect_failure --status 1 cas diff e project/poetry.lock
assert_contains "$OUTPUT" "not in PATH"
for option in --extra=web --all-extras --group=dev --only-group=dev --all-groups --no-default-groups --no-dev -p3; do expect_failure --status 2 cas export e "$option"; done
expect_failure --status 2 cas diff e p --all-extras
expect_failure --status 2 cas export project/poetry.lock --exclude base

# A real poetry, with its plugin.
real_poetry=$(PATH=$PATH:${CAS_TEST_POETRY:-/nowhere} type -P poetry || true)
if [[ -z $real_poetry ]] || ! "$real_poetry" export --help >/dev/null 2>&1; then
  echo "not tested: a real poetry.lock (no poetry with its export plugin in PATH; CAS_TEST_POETRY names its directory)"
else
  mkdir with-poetry
  sed 's/^\[dependency-groups\]/[tool.poetry]\npackage-mode = false\n&/' project/pyproject.toml >with-poetry/pyproject.toml
  cat >>with-poetry/pyproject.toml <<TOML
[[tool.poetry.source]]
name = "here"
url = "$INDEX/simple/"
priority = "primary"
TOML
  export POETRY_CACHE_DIR=$CAS_TEST_TMP/poetry-cache POETRY_CONFIG_DIR=$CAS_TEST_TMP/poetry-config POETRY_VIRTUALENVS_CREATE=false
  (cd with-poetry && "$real_poetry" lock --no-interaction -q)
  before=$(tree_sum with-poetry)
  by_poetry() { PATH=$(dirname "$real_poetry"):$PATH "$CAS_BIN" "$@"; }
  by_poetry sync q with-poetry/poetry.lock >/dev/null
  assert_eq "$(installed q)" "base" "poetry exports its main group"
  by_poetry sync q with-poetry/poetry.lock --extra web --group dev >/dev/null
  assert_eq "$(installed q)" "base testing web"
  by_poetry sync q with-poetry/poetry.lock --all-extras >/dev/null
  assert_eq "$(installed q)" "base web"
  assert_eq "$(by_poetry diff q with-poetry/poetry.lock --all-extras)" "no difference"
  assert_contains "$(by_poetry export with-poetry/poetry.lock --group dev)" "testing==1.0"
  expect_failure --status 1 by_poetry sync q with-poetry/poetry.lock --extra none
  assert_contains "$OUTPUT" "none"
  expect_failure --status 1 by_poetry sync q with-poetry/poetry.lock --group none
  assert_contains "$OUTPUT" "none"
  assert_eq "$(installed q)" "base web"
  assert_eq "$(tree_sum with-poetry)" "$before" "nothing is changed there"
fi

uv=$(a_uv)
if [[ -z $uv ]] || ! "$uv" export --help 2>&1 | grep -q pylock.toml; then
  echo "not tested: uv.lock (no uv in PATH that exports pylock.toml)"
  exit 0
fi
export CAS_RESOLVER=$uv
(cd project && "$uv" lock -q --no-config --default-index "$INDEX/simple" --cache-dir "$CAS_TEST_TMP/uv-cache" -p "$(command -v python3)")
before=$(cd project && ls -A && cat uv.lock)
cas sync f project/uv.lock >/dev/null
assert_eq "$(installed f)" "base testing" "with uv's default group"
cas sync f project/uv.lock --no-dev >/dev/null
assert_eq "$(installed f)" "base"
cas sync f project/uv.lock --no-default-groups --all-extras >/dev/null
assert_eq "$(installed f)" "base web"
cas sync f project/uv.lock --only-group dev >/dev/null
assert_eq "$(installed f)" "testing"
cas sync f project/uv.lock --all-groups --locked >/dev/null
assert_eq "$(installed f)" "base testing"
cp -r project stale
sed -i 's/"testing"/"testing>=2"/' stale/pyproject.toml
cas sync f stale/uv.lock >/dev/null 2>err
assert_contains "$(cat err)" "testing>=2, and it has testing 1.0 (\`uv lock\` locks it anew)"
expect_failure --status 1 cas sync f stale/uv.lock --locked
cas sync f stale/uv.lock --locked --no-dev >/dev/null
assert_eq "$(installed f)" "base"
cas sync f project/uv.lock --extra web --group dev >/dev/null
assert_eq "$(installed f)" "base testing web"
cas create g -r project/uv.lock --all-extras >/dev/null
assert_eq "$(installed g)" "base testing web"
assert_eq "$(cas diff g project/uv.lock --all-extras)" "no difference"
assert_eq "$(cas diff g project/uv.lock)" "- web 1.0"
assert_contains "$(cas export project/uv.lock --extra web)" "web==1.0"
assert_not_contains "$(cas export project/uv.lock --group dev)" "web==1.0"
cas export project/uv.lock --all-extras -o pylock.uv.toml >/dev/null
cas sync k pylock.uv.toml --offline >/dev/null
assert_eq "$(installed k)" "base testing web"
assert_eq "$(cd project && ls -A && cat uv.lock)" "$before" "nothing is changed there"
asked=$(index_log | wc -l)
cas sync h project/uv.lock --offline >/dev/null
assert_eq "$(installed h)" "base testing"
assert_eq "$(index_log | wc -l)" "$asked"
expect_failure --status 1 cas sync f project/uv.lock --extra none
assert_contains "$OUTPUT" "none"
echo nonsense >project/uv.lock
expect_failure --status 1 cas sync f project/uv.lock
assert_contains "$OUTPUT" "uv.lock"
assert_eq "$(installed f)" "base testing web"
