#!/usr/bin/env bash
# A change that was killed is finished, or forgotten, by the next command that looks at all environments.
. "$(dirname "$0")/lib.sh"
make_wheel . one 1.0 'one.py=value = 1'
make_wheel . two 1.0 'two.py=value = 2'

for step in change-placed change-staged before-journal journal; do
  for command in list "du" gc; do
    cas create env one-1.0-py3-none-any.whl >/dev/null
    if CAS_FAILPOINT=$step:kill cas create env two-1.0-py3-none-any.whl 2>/dev/null; then
      fail "$step: was not killed"
    fi
    cas "$command" >/dev/null
    assert_eq "$(cas list --json | json environments | grep -o '"path"' | wc -l)" 1 "$step, $command: one environment, not two"
    assert_absent env/.cas/journal
    [[ -z $(compgen -G 'env/.cas/new-*') ]] || fail "$step, $command: staging is left"
    # The old one or the new one, as a whole.
    found=$(env/bin/python -c 'import importlib.util as u; print([n for n in ("one", "two") if u.find_spec(n)])')
    [[ $found == "['one']" || $found == "['two']" ]] || fail "$step, $command: holds $found"
    cas remove env >/dev/null
  done
done
cas gc >/dev/null
assert_eq "$(cas store info --json | json objects)" 0 "nothing is left in the store"
