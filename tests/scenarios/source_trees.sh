#!/usr/bin/env bash
# Directories are built where they lie, again when they changed; editable ones are imported from there; commits of git are checked out and built.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"

have_resolver
have_backends setuptools wheel hatchling pluggy pathspec packaging tomlkit trove_classifiers editables flit_core
python_for cp311
create() { cas create "$@" -p "$REPLY" --no-index --find-links links; }
value() { "$1/bin/python" -c "import $2; print($2.VALUE)"; }
# A back-end that counts how often it built.
counting() {
  sed -i 's/^build-backend.*/build-backend = "counting"\nbackend-path = ["."]/' "$1/pyproject.toml"
  printf '%s\n' 'import os' "from $2 import *" "from $2 import build_wheel as build" \
    'def build_wheel(*arguments):' '    with open(os.environ["BUILT"], "a") as file: file.write("x")' '    return build(*arguments)' >"$1/counting.py"
}
export BUILT=$PWD/built
mkdir tmp
export TMPDIR=$PWD/tmp
built() { wc -c <"$BUILT"; }

# A directory: built once while it is as it was, also by setuptools, which leaves things in it.
project dir dir_demo 1.0 setuptools
counting dir setuptools.build_meta
printf '[tool.setuptools]\npackages = ["dir_demo"]\n' >>dir/pyproject.toml
would=$(create e ./dir --dry-run)
assert_contains "$would" "would be new in it: dir-demo"
assert_absent e
assert_absent built
create e ./dir >/dev/null
assert_eq "$(value e dir_demo)" "made by setuptools"
assert_eq "$(direct_url e dir_demo)" "{\"dir_info\": {}, \"url\": \"file://$PWD/dir\"}" "direct_url.json"
assert_exists "$(echo e/lib/python3*/site-packages/dir_demo-1.0.dist-info)/REQUESTED"
assert_eq "$(built)" 1 "builds"
create e2 ./dir >/dev/null
assert_eq "$(built)" 1 "builds of what did not change"
sed -i 's/made by/made again by/' dir/dir_demo/__init__.py
create e2 ./dir >/dev/null
assert_eq "$(value e2 dir_demo)" "made again by setuptools"
assert_eq "$(value e dir_demo)" "made by setuptools" "the first environment"
assert_eq "$(built)" 2 "builds after an edit"
create e2 ./dir --refresh >/dev/null
assert_eq "$(built)" 3 "builds with --refresh"
(cd dir && cas create ../e3 . -p "$REPLY" --no-index --find-links ../links >/dev/null)
assert_eq "$(value e3 dir_demo)" "made again by setuptools" "the current directory"
expect_failure create e4 ./dir --no-build
assert_absent e4
# Wheels alone are asked of indexes; what is named itself is built, as with pip. --no-build spares editable projects alone, as uv's does.
create e4 ./dir --only-binary :all: >/dev/null
assert_eq "$(value e4 dir_demo)" "made again by setuptools" "a directory with --only-binary :all:"
create e4 ./dir --only-binary dir-demo >/dev/null
create e4 -e ./dir --only-binary :all: >/dev/null
create e4 -e ./dir --no-build >/dev/null
assert_eq "$(direct_url e4 dir_demo)" "{\"dir_info\": {\"editable\": true}, \"url\": \"file://$PWD/dir\"}" "direct_url.json with --no-build"
cp -r dir unsaid
sed -i '/^version/d; s/^description.*/dynamic = ["version"]/' unsaid/pyproject.toml
printf '[tool.setuptools.dynamic]\nversion = {attr = "dir_demo.VERSION"}\n' >>unsaid/pyproject.toml
echo 'VERSION = "3.0"' >>unsaid/dir_demo/__init__.py
create e4 ./unsaid --only-binary :all: >/dev/null
assert_contains "$(cas freeze e4)" "dir_demo @ "
expect_failure create e4 ./unsaid --no-build --refresh
cas remove e4 >/dev/null
mkdir empty
expect_failure create e4 -e ./empty
assert_absent e4

# Editable: what is written there counts at once.
for backend in setuptools hatchling flit_core; do
  project "tree_$backend" "edit_$backend" 2.0 "$backend"
  if [[ $backend == setuptools ]]; then printf '[tool.setuptools]\npackages = ["edit_setuptools"]\n' >>"tree_$backend/pyproject.toml"; fi
  create "ed_$backend" -e "./tree_$backend" >/dev/null
  assert_eq "$(value "ed_$backend" "edit_$backend")" "made by $backend"
  echo 'VALUE = "edited"' >"tree_$backend/edit_$backend/__init__.py"
  assert_eq "$(value "ed_$backend" "edit_$backend")" "edited"
  assert_eq "$(direct_url "ed_$backend" "edit_$backend")" \
    "{\"dir_info\": {\"editable\": true}, \"url\": \"file://$PWD/tree_$backend\"}" "direct_url.json of $backend"
done
# A lock beside them names them from where it lies, and both may be moved together.
mkdir -p moving/app
cp -r tree_flit_core moving/tree
(cd moving/app && cas lock -e ../tree -p "$REPLY" --no-index --find-links ../../links -o pylock.toml >/dev/null)
assert_contains "$(<moving/app/pylock.toml)" 'path = "../tree"'
assert_contains "$(cd moving/app && cas lock -e ../tree -p "$REPLY" --no-index --find-links ../../links)" "path = \"$PWD/moving/tree\""
mv moving carried
cas sync e5 carried/app/pylock.toml -p "$REPLY" --no-index --find-links links >/dev/null
assert_eq "$(direct_url e5 edit_flit_core)" "{\"dir_info\": {\"editable\": true}, \"url\": \"file://$PWD/carried/tree\"}" "from where the lock lies"
cas remove e5 >/dev/null
echo "-e ./tree_flit_core" >requirements.txt
cas create e5 -r requirements.txt -p "$REPLY" --no-index --find-links links >/dev/null
assert_eq "$(value e5 edit_flit_core)" "edited"
# A back-end without PEP 660 says so.
project old old_demo 1.0 flit_core
sed -i 's/^build-backend.*/build-backend = "old_backend"\nbackend-path = ["."]/' old/pyproject.toml
echo 'from flit_core.buildapi import build_wheel, get_requires_for_build_wheel' >old/old_backend.py
{
  lock_head
  printf '\n[[packages]]\nname = "old-demo"\ndirectory = {path = "old", editable = true}\n'
} >pylock.old.toml
expect_failure cas sync e6 pylock.old.toml -p "$REPLY" --no-index --find-links links
assert_contains "$OUTPUT" "PEP 660"
sed -i 's/, editable = true//' pylock.old.toml
cas sync e6 pylock.old.toml -p "$REPLY" --no-index --find-links links >/dev/null
assert_eq "$(value e6 old_demo)" "made by flit_core"

# Git: a tag, a project in a subdirectory, a lock's commit.
type -P git >/dev/null || skip "no git (directories were tested)"
git_() { git -c user.name=a -c user.email=a@example.org -c init.defaultBranch=main "$@" >/dev/null 2>&1; }
project repository/inner git_demo 3.0 flit_core
(cd repository && git_ init && git_ add . && git_ commit -m one && git_ tag v3)
commit=$(git -C repository rev-parse HEAD)
sed -i 's/made by/later by/' repository/inner/git_demo/__init__.py
(cd repository && git_ commit -am two)
create g "git_demo @ git+file://$PWD/repository@v3#subdirectory=inner" >/dev/null
assert_eq "$(value g git_demo)" "made by flit_core"
direct_url g git_demo >url.json
assert_eq "$(json vcs_info.commit_id <url.json) $(json vcs_info.requested_revision <url.json) $(json subdirectory <url.json)" "$commit v3 inner"
assert_eq "$(json url <url.json)" "file://$PWD/repository"
create g2 "git+file://$PWD/repository#subdirectory=inner" >/dev/null
assert_eq "$(value g2 git_demo)" "later by flit_core"
assert_exists "$(echo g2/lib/python3*/site-packages/git_demo-3.0.dist-info)/REQUESTED"
{
  lock_head
  printf '\n[[packages]]\nname = "git-demo"\nversion = "3.0"\nvcs = {type = "git", url = "file://%s/repository", commit-id = "%s", subdirectory = "inner"}\n' \
    "$PWD" "$commit"
} >pylock.git.toml
rm -rf "$CAS_STORE"
cas sync g3 pylock.git.toml -p "$REPLY" --no-index --find-links links >/dev/null
assert_eq "$(value g3 git_demo)" "made by flit_core"
mv repository moved
cas sync g4 pylock.git.toml -p "$REPLY" --no-index --offline >/dev/null
assert_eq "$(value g4 git_demo)" "made by flit_core" "the second time, without the repository"
sed "s/$commit/${commit:0:12}/" pylock.git.toml >pylock.short.toml
expect_failure cas sync g5 pylock.short.toml -p "$REPLY" --no-index
assert_contains "$OUTPUT" "no complete commit id"
sed 's/repository/nowhere/' pylock.git.toml >pylock.gone.toml
expect_failure cas sync g5 pylock.gone.toml -p "$REPLY" --no-index
assert_contains "$OUTPUT" "git says"
assert_absent g5
assert_no_scratch .
assert_sound
assert_eq "$(find tmp -mindepth 1 | wc -l)" 0 "left in TMPDIR"

# A link in a repository leads a build nowhere but into it.
project elsewhere stolen 1.0 flit_core
ln -s "$PWD/elsewhere" moved/out
(cd moved && git_ add . && git_ commit -m link)
expect_failure create g6 "stolen @ git+file://$PWD/moved#subdirectory=out"
assert_contains "$OUTPUT" "leads out of it"
assert_absent g6
