#!/usr/bin/env bash
# Names from folders of wheels: what they need is found there, too, without a resolver and without a network where nothing is to be chosen.
. "$(dirname "$0")/lib.sh"

make_wheel wheels app 1.0 app.py='x = 1' +'base>=1' +"extra; extra == 'more'" >/dev/null
make_wheel wheels base 1.0 base.py='x = 1' >/dev/null
make_wheel wheels base 2.0 base.py='x = 2' >/dev/null
make_wheel wheels extra 1.0 extra.py='' >/dev/null
make_wheel wheels lacking 1.0 lacking.py='' +'absent' >/dev/null
make_wheel wheels strict 1.0 strict.py='' +'base<2' >/dev/null
# A resolver that is asked leaves its words.
mkdir bin
printf '#!/bin/sh\necho "$@" >"%s/words"\necho "no answer" >&2\nexit 1\n' "$CAS_TEST_TMP" >bin/uv
chmod +x bin/uv
PATH=$CAS_TEST_TMP/bin:$PATH
packages() { cas freeze "$1" | tr '\n' ' '; }

# --no-index: only folders. PIP_NO_INDEX says the same; both before and with what the store has.
cas create a app --no-index --find-links wheels >/dev/null
assert_eq "$(packages a)" "app==1.0 base==2.0 "
cas create b "app[more]" --no-index --find-links wheels --offline >/dev/null
assert_eq "$(packages b)" "app==1.0 base==2.0 extra==1.0 "
printf 'app\nbase<2\n' >req.txt
cas create c -r req.txt --no-index --find-links wheels >/dev/null
assert_eq "$(packages c)" "app==1.0 base==1.0 "
assert_absent words
expect_failure --status 1 cas create d base strict --no-index --find-links wheels
assert_contains "$(cat words)" "--no-index"
rm words
printf 'base<2\n' >con.txt
cas create c app -c con.txt --no-index --find-links wheels >/dev/null
assert_eq "$(packages c)" "app==1.0 base==1.0 "
cas install c extra --no-index --find-links wheels >/dev/null
assert_eq "$(packages c)" "app==1.0 base==1.0 extra==1.0 "
cas lock app --no-index --find-links wheels -o pylock.toml >/dev/null
cas sync d pylock.toml >/dev/null
assert_eq "$(packages d)" "app==1.0 base==2.0 "

# Folders alone go first: what they have needs nobody, whatever an index has; else it is asked.
unset PIP_NO_INDEX
export PIP_INDEX_URL=http://127.0.0.1:9/simple
cas create e app --find-links wheels >/dev/null
assert_eq "$(packages e)" "app==1.0 base==2.0 "
assert_absent words
expect_failure --status 1 cas create f lacking --find-links wheels
assert_exists words
assert_not_contains "$(cat words)" "--no-index"
rm words
# Where nobody else may be asked, it is said what is missing.
expect_failure --status 1 cas create f absent --no-index --find-links wheels
assert_contains "$OUTPUT" "no wheel of absent in"
expect_failure --status 1 cas create f lacking --no-index --find-links wheels
assert_contains "$(cat words)" "--no-index"
rm words

# A folder is looked at each time, and vouches for nothing: a wheel with a wrong RECORD is refused, as it is by its path.
make_wheel wheels base 3.0 base.py='x = 3' >/dev/null
cas create g base --no-index --find-links wheels >/dev/null
assert_eq "$(packages g)" "base==3.0 "
python3 - <<'PYTHON'
import zipfile
source = zipfile.ZipFile("wheels/base-3.0-py3-none-any.whl")
with zipfile.ZipFile("wheels/base-4.0-py3-none-any.whl", "w") as target:
    for member in source.infolist():
        data = source.read(member).replace(b"3.0", b"4.0")
        target.writestr(member.filename.replace("3.0", "4.0"), b"x = 5" if member.filename == "base.py" else data)
PYTHON
expect_failure --status 1 cas create h base --no-index --find-links wheels
assert_contains "$OUTPUT" "base-4.0-py3-none-any.whl"
assert_contains "$OUTPUT" "RECORD says"
assert_absent h
# A dry run brings nothing into the store.
rm wheels/base-4.0-py3-none-any.whl
make_wheel wheels base 5.0 base.py='x = 6' >/dev/null
before=$(cas store info --json | json objects.count 2>/dev/null || cas store info)
assert_contains "$(cas create i app --no-index --find-links wheels --dry-run)" "base 5.0"
assert_eq "$(cas store info --json | json objects.count 2>/dev/null || cas store info)" "$before"
assert_absent i
