#!/usr/bin/env bash
# Every shell can activate an environment, whatever its name and wherever it was moved, and leave it as if nothing had been.
. "$(dirname "$0")/lib.sh"
names=(plain 'with space' "single'quote" 'double"quote' 'dollar $HOME' 'back\slash\n' 'tick`touch pwned`' '$(touch pwned)'
  'ümläut-日本' '-dash' 'semi;colon & more' '100 %n %~ %' 'bang!bang!!' $'new\nline' 'curly’quote' 'glob*[a]?' '~tilde' '#hash'
  '{a,b}' '^caret')

# --- by every shell that is there, after the environments were moved --------------------------------------------------

mkdir made moved
for name in "${names[@]}"; do
  cas create "$CAS_TEST_TMP/made/$name" >/dev/null
done
number=0
for prompt in "${names[@]:1:14}"; do
  number=$((number + 1))
  cas create "$CAS_TEST_TMP/made/prompt $number" --prompt "$prompt" >/dev/null
  printf '%s' "$prompt" >"made/prompt $number/expected-prompt"
done
mv -T made 'moved/of $old'
python3 "$cas_root/tests/scenarios/activation_shells.py" "moved/of \$old" ${CAS_TEST_SHELL:+"$CAS_TEST_SHELL"} ||
  fail "see above"
assert_absent pwned

# --- the ways to read a script ----------------------------------------------------------------------------------------

cas create here --prompt mine >/dev/null
ln -s here/bin/activate link
ln -s "$CAS_TEST_TMP/here" other
# says SHELL COMMANDS: what VIRTUAL_ENV is afterwards.
says() {
  $1 -euc "$2"'; printf %s "$VIRTUAL_ENV"'
}
for shell in bash dash zsh; do
  if ! command -v "$shell" >/dev/null; then
    printf 'skipped: %s is not installed\n' "$shell"
    continue
  fi
  assert_eq "$(says $shell '. here/bin/activate')" "$CAS_TEST_TMP/here" "$shell: relative"
  assert_eq "$(says $shell 'cd here/bin; . ./activate')" "$CAS_TEST_TMP/here" "$shell: from its directory"
  assert_eq "$(says $shell 'PATH=$PWD/here/bin:$PATH; . activate')" "$CAS_TEST_TMP/here" "$shell: by PATH"
  assert_eq "$(says $shell 'CDPATH=/usr:/; . ./here/../here/bin/activate')" "$CAS_TEST_TMP/here" "$shell: CDPATH"
  assert_eq "$(says $shell '. ./link')" "$CAS_TEST_TMP/here" "$shell: by a link to the script"
  assert_eq "$(says $shell 'eval "$(cat here/bin/activate)"')" "$CAS_TEST_TMP/here" "$shell: as text"
  # By a link to the environment: as the user named it, where the shell knows.
  [[ $shell == dash ]] || assert_eq "$(says $shell '. other/bin/activate')" "$CAS_TEST_TMP/other" "$shell: by a link"
  # In a subshell, with another script being read around it.
  printf '(. here/bin/activate; printf %%s "$VIRTUAL_ENV")\nprintf %%s "${VIRTUAL_ENV-none}"\n' >outer
  assert_eq "$($shell ./outer)" "$CAS_TEST_TMP/herenone" "$shell: in a subshell"
  # Nothing is left of it, and a program started there has the settings and none of ours.
  assert_eq "$($shell -euc '. here/bin/activate; env' | grep -i -e _cas -e _OLD || true)" '' "$shell: exported"
  assert_eq "$($shell -euc '. here/bin/activate; deactivate; set' | grep -i -e '^_cas' -e '^_OLD' -e '^VIRTUAL' || true)" '' \
    "$shell: variables left"
  assert_eq "$($shell -euc 'unset PATH; . here/bin/activate; printf %s "$PATH"')" "$CAS_TEST_TMP/here/bin" "$shell: no PATH"
  assert_eq "$($shell -euc 'PS1=p; VIRTUAL_ENV_DISABLE_PROMPT=1; . here/bin/activate; printf "%s" "$PS1$VIRTUAL_ENV_PROMPT"')" \
    pmine "$shell: disabled prompt"
  assert_contains "$($shell -euc '. here/bin/activate; pydoc -k "" >/dev/null 2>&1 || true; command -V pydoc')" function \
    "$shell: pydoc"
done

# A failure says so, and changes nothing.
cp here/bin/activate stray
mv here there
for shell in bash dash; do
  expect_failure --status 1 $shell -uc '. ./stray || { echo "$?${VIRTUAL_ENV-}"; exit 1; }'
  assert_eq "$OUTPUT" "activate: there is no environment at $CAS_TEST_TMP/here
1"
  expect_failure --status 1 $shell -uc '. there/bin/activate; . ./stray || { echo "$VIRTUAL_ENV"; deactivate; exit 1; }'
  assert_contains "$OUTPUT" "$CAS_TEST_TMP/there"
done
mv there here
cas create colon >/dev/null
mv colon with:colon
expect_failure --status 1 bash -c '. with:colon/bin/activate || exit 1'
assert_contains "$OUTPUT" "cannot stand in PATH"

# --- the prompt that is asked for -------------------------------------------------------------------------------------

mkdir "the project"
(cd "the project" && cas create .venv --prompt . >/dev/null)
assert_eq "$(bash -c '. "the project/.venv/bin/activate"; printf %s "$VIRTUAL_ENV_PROMPT"')" "the project"
assert_contains "$(cat "the project/.venv/pyvenv.cfg")" "prompt = 'the project'"
cas create here --prompt yours >/dev/null
assert_eq "$(bash -c '. here/bin/activate; printf %s "$VIRTUAL_ENV_PROMPT"')" yours
cas create here >/dev/null
assert_eq "$(bash -c '. here/bin/activate; printf %s "$VIRTUAL_ENV_PROMPT"')" yours "what is not said again stays"
cas create here --clear >/dev/null
assert_eq "$(bash -c '. here/bin/activate; printf %s "$VIRTUAL_ENV_PROMPT"')" here

# --- activate_this.py: an embedding Python takes on the environment ---------------------------------------------------

wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1')
export FIRST=${PATH%%:*}
while read -r python; do
  library=$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')
  cas create "for $library" -p "$python" "$wheel" >/dev/null
  mv "for $library" "moved/for 'our' $library"
  output=$(PYTHONHOME= "$python" -c '
import os, sys
root = os.path.abspath(sys.argv[1])
for _ in range(2):
    exec(open(root + "/bin/activate_this.py").read(), {"__file__": root + "/bin/activate_this.py"})
import demo
assert sys.prefix == os.environ["VIRTUAL_ENV"] == root, sys.prefix
assert sys.base_prefix != root
assert os.environ["PATH"].split(":")[:2] == [root + "/bin", os.environ["FIRST"]], os.environ["PATH"]
assert os.environ["VIRTUAL_ENV_PROMPT"] == os.path.basename(root)
assert "PYTHONHOME" not in os.environ
assert sys.path.index(os.path.dirname(demo.__file__)) == 0, sys.path
print(demo.__file__)' "moved/for 'our' $library" 2>&1) || fail "activate_this.py, $library: $output"
  assert_eq "$output" "$CAS_TEST_TMP/moved/for 'our' $library/lib/$library/site-packages/demo.py"
done < <(pythons)
python3 -c 'exec(open("here/bin/activate_this.py").read(), {})' 2>error && fail "without __file__"
assert_contains "$(cat error)" "run it with its path"

# --- they are the environment's own -----------------------------------------------------------------------------------

assert_eq "$(cd here/bin && find . -name '*ctivate*' -printf '%P %m %y\n' | LC_ALL=C sort)" "Activate.ps1 644 f
activate 644 f
activate.csh 644 f
activate.fish 644 f
activate.nu 644 f
activate.ps1 777 l
activate.xsh 644 f
activate_this.py 644 f"
# A change writes them anew, but keeps what somebody wrote into one.
cas create here "$wheel" >changed 2>&1
assert_not_contains "$(cat changed)" "kept"
echo 'export MINE=1' >>here/bin/activate
cas create here >changed 2>&1
assert_contains "$(cat changed)" "kept below .cas/kept: bin/activate"
assert_contains "$(cat here/.cas/kept/*/bin/activate)" MINE=1
assert_not_contains "$(cat here/bin/activate)" MINE=1
# In a directory with other things they go with the environment, an edited one stays.
mkdir project && touch project/mine
cas create project >/dev/null
echo '# mine' >>project/bin/activate.fish
cas remove project >/dev/null
assert_eq "$(find project -mindepth 1 | sort | tr '\n' ' ')" "project/bin project/bin/activate.fish project/mine "
