#!/usr/bin/env bash
# Every document of docs/json.md parses and has the documented fields; an error is a document, too.
. "$(dirname "$0")/lib.sh"
wheel=$(make_wheel wheels demo 1.0 demo.py='x = 1' @demo=demo:main)
cat > check.py <<'PYTHON'
"""check.py SECTION KEY < document: has all fields of the tables of docs/json.md that stand for it."""
import json, re, sys
document, section, nested = sys.argv[1], sys.argv[2], sys.argv[3:]
text = open(document, encoding="utf-8").read().split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
table = text.split("\n\n")
rows = next(part for part in table if part.strip().startswith("| field"))
fields = [name for row in rows.splitlines()[2:] for name in re.findall(r"`(\w+)`", row.split("|")[1])]
value = json.load(sys.stdin)
assert value["format"] == 1 and value["command"] == section, value
for step in nested:
    value = value[int(step)] if step.isdigit() else value[step]
missing = [field for field in fields if field not in value]
assert fields and not missing, f"{section}: missing {missing}"
PYTHON
check() {
  python3 check.py "$cas_root/docs/json.md" "$@" || fail "form of $1"
}

cas add --json "$wheel" | check add
cas create --json env "$wheel" | check create
cas venv --without-pip --json envs | check venv
cas list --json | check list
cas show --json demo | check show packages 0
cas freeze --json env | check freeze
cas export --json env | check export
cas tree --json env | check tree
cas why --json env demo | check why
cas check --json env | check check
cas diff --json env env | check diff
cas du --json | check du
cas verify --json | check verify
cas store info --json | check "store info"
cas store share --group "$(id -g)" --dry-run --json | check "store share"
cas pin --json demo | check pin
cas pins --json | check pins
cas unpin --json demo | check unpin
cas gc --json | check gc
cas python list --json | check "python list"
cas python find --json | check "python find"
cas index rebuild --json | check "index rebuild"
cas remove --json env | check remove
assert_eq "$(cas version --json | json command)" version
cas list --json --all | json environments >/dev/null

# kind COMMAND...: of the error document, which must be the only thing on standard output.
kind() {
  local output
  output=$(cas "$@" --json 2>/dev/null) && fail "expected failure: $*"
  json error.message <<<"$output" >/dev/null
  json error.hint <<<"$output" >/dev/null
  json error.kind <<<"$output"
}
assert_eq "$(kind frobnicate)" usage
assert_eq "$(kind install)" usage
assert_eq "$(kind show no-such)" not-found
assert_eq "$(kind create env "$CAS_TEST_TMP/absent.whl")" invalid
