#!/usr/bin/env bash
# A first import in a fresh environment writes no file, whatever Python, link mode and packages; an edited source is compiled anew
# by Python, and the store's bytecode is untouched; what is compiled once is shared, and goes when nothing needs it.
. "$(dirname "$0")/lib.sh"

listing() {
  (cd "$1" && find . -printf '%p %y %m %i %s %T@ %l\n' | sort)
}

# imports_write_nothing ENV CODE: CODE in the environment's Python changes nothing in it.
imports_write_nothing() {
  listing "$1" > before
  "$1/bin/python" -c "$2" || fail "$1: $2"
  listing "$1" > after
  diff before after > changes || fail "$1: importing wrote: $(grep -c '^[<>]' changes) lines: $(head -5 changes)"
}

# bytecode_of ENV PATTERN: the one bytecode file that matches.
bytecode_of() {
  local found
  found=$(find "$1" -path "*/__pycache__/$2")
  [[ -n $found && $found != *$'\n'* ]] || fail "not one $2 in $1: $found"
  printf '%s\n' "$found"
}

# --- every Python, every link mode: modules of all kinds ---------------------------------------------------------------
long=$(printf 'a very long text %.0s' {1..2000})
everything=$(make_wheel wheels everything 1.0 everything/__init__.py= everything/deep/__init__.py= \
  everything/deep/core.py='def f(): return 1' everything/deep/odd.name.py='x = 1' everything/text.py="x = '''$long'''" \
  everything/warns.py="x = '\\d'
assert (1, 2)" everything/coded.py='# -*- coding: latin-1 -*-
x = 1' everything/new.py='match 1:
    case 1: x = 1' everything/old.py="print 'x'" top.py='x = 1' @everything=everything.deep.core:f)
names='everything, everything.deep, everything.deep.core, everything.text, everything.coded, top'
modes=(hardlink copy)
cp --reflink=always wheels/*.whl reflinked 2>/dev/null && modes+=(reflink)
number=0
while read -r python; do
  number=$((number + 1))
  for mode in "${modes[@]}"; do
    env=env-$number-$mode
    output=$(cas create "$env" -p "$python" --link-mode "$mode" "$everything" 2>&1) || fail "$python: $output"
    assert_not_contains "$output" Warning "$python: what its compiler says"
    imports_write_nothing "$env" "import $names, importlib, warnings
warnings.simplefilter('ignore')
import everything.warns
try:
    importlib.import_module('everything.old')
    raise AssertionError
except SyntaxError:
    pass"
    # By the word of Python itself: "matches" for each, and none compiled.
    said=$("$env/bin/python" -v -c "import $names" 2>&1)
    assert_eq "$(grep -c "^# .*/$env/.*__pycache__.* matches " <<< "$said")" 6 "$python: modules whose bytecode was believed"
    assert_eq "$(grep -c "^# code object from /.*/$env/.*[.]py$" <<< "$said" || true)" 0 "$python: modules compiled anew"
    # The name of the file is the real one, in tracebacks, too.
    "$env/bin/python" -c "
import everything.deep.core as core
assert core.f.__code__.co_filename == core.__file__, core.f.__code__.co_filename
assert core.__file__.startswith('$PWD/$env/'), core.__file__"
    [[ $mode == hardlink ]] || assert_eq "$(find "$env" -name '*.pyc' -links +1 | wc -l)" 0 "$env: own files"
  done
  # The same again, by another path: nothing is compiled.
  assert_eq "$(cas create --json "again-$number" -p "$python" "$everything" | json bytecode.compiled)" 0 "$python: again"
done < <(pythons 3.6)
((number > 0)) || skip "no Python here"
printf '%s interpreters, modes: %s\n' "$number" "${modes[*]}"
assert_sound

# --- what pip sees -----------------------------------------------------------------------------------------------------
python=$(pythons | sed -n 1p)
cas create env -p "$python" "$everything" >/dev/null
record=$(cat env/lib/python3*/site-packages/everything-1.0.dist-info/RECORD)
core=$(bytecode_of env 'core.*.pyc')
assert_contains "$record" "everything/deep/__pycache__/${core##*/},,"
assert_eq "$(grep -c '\.pyc,,$' <<< "$record")" "$(find env -name '*.pyc' | wc -l)" "RECORD's rows of bytecode"
missing=$(cut -d, -f1 <<< "$record" | (cd env/lib/python3*/site-packages && while read -r f; do [[ -e $f ]] || echo "$f"; done))
assert_eq "$missing" '' "RECORD names what is not there"

# --- an edited source --------------------------------------------------------------------------------------------------
cas create other -p "$python" "$everything" >/dev/null
shared=$(bytecode_of other 'core.*.pyc')
assert_same_inode "$core" "$shared"
sum=$(sha256sum < "$shared")
source=$(dirname "$(dirname "$core")")/core.py
rm "$source"
printf 'def f(): return 2\n' > "$source"
assert_eq "$(env/bin/python -c 'import everything.deep.core as c; print(c.f())')" 2 "the edited source"
assert_eq "$(env/bin/python -c 'import everything.deep.core as c; print(c.f())')" 2 "the edited source, again"
[[ ! $core -ef $shared ]] || fail "Python wrote into the shared file"
assert_eq "$(sha256sum < "$shared")" "$sum" "the shared bytecode"
assert_sound

# --- an equal source in another package; without compiling; by words ---------------------------------------------------
twin=$(make_wheel wheels twin 1.0 twin.py='def f(): return 1' twin_empty.py=)
document=$(cas create --json twin -p "$python" "$twin")
assert_eq "$(json bytecode.compiled <<< "$document")" 0 "an equal source"
assert_eq "$(json bytecode.files <<< "$document")" 2
assert_same_inode "$(bytecode_of twin 'twin.*.pyc')" "$shared"
document=$(cas create --json plain --no-compile-bytecode -p "$python" "$everything")
assert_eq "$(json bytecode.files <<< "$document")" 0 "--no-compile-bytecode"
assert_eq "$(find plain -name __pycache__ | wc -l)" 0
expect_failure --status 2 cas create both --no-compile-bytecode --compile-bytecode
cas create --compile-bytecode plain -p "$python" "$everything" >/dev/null
imports_write_nothing plain "import $names"
word=$(make_wheel wheels word 1.0 word.py='word = 1' bad.py='no Python')
assert_contains "$(cas create word -p "$python" "$word")" "compiled 1 module, 1 do not compile"

# --- hostile sources cost themselves only ------------------------------------------------------------------------------
brackets=$(printf '(%.0s' {1..50000})
hostile=$(make_wheel wheels hostile 1.0 a.py='import os
os.mkdir("executed")
print("cas-compiler")' b.py="$brackets" c.py='# coding: no-such' d.py='x = 1')
cas create hostile -p "$python" "$hostile" >/dev/null
assert_absent executed
bytecode_of hostile 'a.*.pyc' >/dev/null
bytecode_of hostile 'd.*.pyc' >/dev/null

# --- what nothing needs any more ---------------------------------------------------------------------------------------
cas gc >/dev/null
bytecode_of other 'core.*.pyc' >/dev/null
rm -rf env* other again-* twin plain word hostile
cas gc >/dev/null
assert_eq "$(find "$CAS_STORE/objects" -type f | wc -l)" 0 "objects after the last environment"
assert_sound

# --- a rebuilt index has forgotten what was compiled -------------------------------------------------------------------
cas create env -p "$python" "$everything" >/dev/null
cas index rebuild >/dev/null
assert_sound
assert_eq "$(cas create --json env -p "$python" "$twin" | json bytecode.files)" 2 "changed after the rebuild"
imports_write_nothing env 'import twin, twin_empty'
assert_absent env/lib/python3*/site-packages/everything
cas gc >/dev/null
assert_sound
