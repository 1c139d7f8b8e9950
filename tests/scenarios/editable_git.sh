#!/usr/bin/env bash
# -e git+…: a checkout that is the user's, moved where nothing is lost by that, and gone again where the command fails.
. "$(dirname "$0")/lib.sh"
. "$cas_root/tests/scenarios/lib_sources.sh"
. "$cas_root/tests/scenarios/lib_index.sh"

type -P git >/dev/null || skip "no git"
have_resolver
have_backends flit_core
python_for cp311
python=$REPLY
export UV_PYTHON_DOWNLOADS=never GIT_CONFIG_NOSYSTEM=1
unset PIP_SRC
git config --global user.name a
git config --global user.email a@example.org
git config --global init.defaultBranch main
git config --global advice.detachedHead false
url=git+file://$PWD/repository
value() { "$1/bin/python" -c "import demo_git; print(demo_git.VALUE)"; }
head_of() { git -C "$1" rev-parse HEAD; }
commit() { # VALUE: a commit of the repository with it; its id
  echo "VALUE = \"$1\"" >repository/demo_git/__init__.py
  git -C repository add . >/dev/null
  git -C repository commit -qm "$1"
  head_of repository
}
options=(--no-index --find-links links)
project repository demo_git 1.0 flit_core
git -C repository init -q
one=$(commit one)
git -C repository tag v1
two=$(commit two)

# A new environment: nothing is left where that fails, and with --dry-run nothing is made.
would=$(cas create e -e "$url#egg=Demo_Git" -p "$python" "${options[@]}" --dry-run)
assert_contains "$would" "demo-git"
assert_absent e
cas create x -e "$url#egg=Demo_Git[some,more]" -p "$python" "${options[@]}" >/dev/null 2>&1
assert_eq "$(value x)" two "with extras behind the name"
expect_failure cas create e -e "$url@v1#egg=demo_git" nosuchpackage -p "$python" "${options[@]}"
assert_absent e
expect_failure cas create e -e "$url@v7#egg=demo_git" -p "$python" "${options[@]}"
assert_contains "$OUTPUT" "git says"
assert_absent e
expect_failure --status 2 cas create e -e "hg+https://example.org/x#egg=demo_git" -p "$python" "${options[@]}"
assert_contains "$OUTPUT" "only git"
cas create e -e "$url@v1#egg=Demo_Git" -p "$python" "${options[@]}" --clear >/dev/null
assert_eq "$(value e)" one
assert_eq "$(head_of e/src/demo-git)" "$one"
assert_eq "$(direct_url e demo_git)" "{\"dir_info\": {\"editable\": true}, \"url\": \"file://$PWD/e/src/demo-git\"}"

# What is written there counts, and stays: another commit is refused, the same one is not looked at twice.
echo 'VALUE = "mine"' >e/src/demo-git/demo_git/__init__.py
assert_eq "$(value e)" mine
expect_failure --status 1 cas install e -e "$url#egg=demo_git" "${options[@]}"
assert_contains "$OUTPUT" "not committed"
assert_contains "$OUTPUT" "git stash"
cas install e -e "$url@v1#egg=demo_git" "${options[@]}" >/dev/null
assert_eq "$(value e)" mine
git -C e/src/demo-git commit -qam mine
mine=$(head_of e/src/demo-git)
expect_failure --status 1 cas install e -e "$url@main#egg=demo_git" "${options[@]}"
assert_contains "$OUTPUT" "on no branch"
assert_eq "$(head_of e/src/demo-git)" "$mine"
git -C e/src/demo-git switch -qc mine
cas install e -e "$url@main#egg=demo_git" "${options[@]}" >/dev/null
assert_eq "$(value e)" two
assert_eq "$(git -C e/src/demo-git rev-parse mine)" "$mine"

# A branch goes forward with the repository, and back where the command fails.
printf -- '-e %s@main#egg=demo_git\n' "$url" >requirements.txt
cas create f -r requirements.txt -p "$python" "${options[@]}" >/dev/null
assert_eq "$(git -C f/src/demo-git symbolic-ref --short HEAD)" main
three=$(commit three)
expect_failure cas install f -r requirements.txt nosuchpackage "${options[@]}"
assert_eq "$(head_of f/src/demo-git)" "$two"
assert_eq "$(git -C f/src/demo-git symbolic-ref --short HEAD)" main
cas install f -r requirements.txt "${options[@]}" --dry-run >/dev/null
assert_eq "$(head_of f/src/demo-git)" "$two"
cas sync f -r requirements.txt "${options[@]}" >/dev/null
assert_eq "$(head_of f/src/demo-git)" "$three"
assert_eq "$(value f)" three
git -C f/src/demo-git commit -q --allow-empty -m own
own=$(head_of f/src/demo-git)
cas sync f -r requirements.txt "${options[@]}" >/dev/null
assert_eq "$(head_of f/src/demo-git)" "$own" "a branch with commits of its own"

# Elsewhere; a folder of the project; what else lies there.
cas create g -e "$url#egg=demo_git" --src here -p "$python" "${options[@]}" >/dev/null
assert_eq "$(head_of here/demo-git)" "$three"
assert_absent g/src
PIP_SRC=$PWD/there cas install g -e "$url@v1#egg=demo_git" "${options[@]}" >/dev/null
assert_eq "$(value g)" one
mkdir -p blocked/demo-git
expect_failure --status 2 cas install g -e "$url#egg=demo_git" --src blocked "${options[@]}"
assert_contains "$OUTPUT" "no checkout"
git clone -q repository blocked/other
mv blocked/demo-git blocked/empty
mv blocked/other blocked/demo-git
expect_failure --status 2 cas install g -e "$url#egg=demo_git" --src blocked "${options[@]}"
assert_contains "$OUTPUT" "another repository"
mkdir deep
cp -r repository/demo_git repository/pyproject.toml deep/
git -C repository rm -rq demo_git pyproject.toml
mv deep repository/deep
git -C repository add .
git -C repository commit -qm deep
cas create h -e "$url#subdirectory=deep&egg=demo_git" -p "$python" "${options[@]}" >/dev/null
assert_eq "$(value h)" three

# The repository gone: what is there does.
mv repository moved
cas sync f -r requirements.txt "${options[@]}" --offline >/dev/null
expect_failure cas sync f -r requirements.txt "${options[@]}"
assert_eq "$(value f)" three
# Removal leaves the checkout.
assert_contains "$(cas remove f)" src
assert_eq "$(head_of f/src/demo-git)" "$own"
# A password is told to git, which asks with it, and to no file.
mkdir served
project secret demo_git 1.0 flit_core
git -C secret init -q
git -C secret add .
git -C secret commit -qm first
git clone -q --bare secret served/secret.git
git -C served/secret.git update-server-info
start_index served --user me:verysecret
address=$INDEX/tree/secret.git
expect_failure cas create j -e "git+$address#egg=demo_git" -p "$python" "${options[@]}"
assert_contains "$OUTPUT" "git says"
private=git+${address/:\/\//://me:verysecret@}
cas create j -e "$private#egg=demo_git" -p "$python" "${options[@]}" >out 2>&1 || fail "$(cat out)"
assert_eq "$(git -C j/src/demo-git config --get remote.origin.url)" "$address"
git -C secret commit -q --allow-empty -m second
git -C secret push -q ../served/secret.git HEAD:main
git -C served/secret.git update-server-info
cas install j -e "$private#egg=demo_git" "${options[@]}" >>out 2>&1 || fail "$(cat out)"
assert_eq "$(head_of j/src/demo-git)" "$(head_of secret)" "asked with the password again"
! grep -rqa verysecret j "$CAS_STORE" out || fail "the password is kept"
# What another tool wrote into the configuration is the same repository.
git -C j/src/demo-git remote set-url origin "${private#git+}"
cas install j -e "$private#egg=demo_git" "${options[@]}" >/dev/null
# A lock has no editable repositories.
expect_failure --status 2 cas lock -r requirements.txt "${options[@]}"
assert_contains "$OUTPUT" "leave -e out"
assert_no_scratch .
assert_eq "$(find . -name '.cas-demo*' | wc -l)" 0
assert_sound
