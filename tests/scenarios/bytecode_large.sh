#!/usr/bin/env bash
# Importing every module of large packages in a fresh environment writes no file, whatever the link mode.
. "$(dirname "$0")/lib.sh"
have_wheels bench
python_for cp311

listing() {
  (cd "$1" && find . -printf '%p %y %m %i %s %T@ %l\n' | sort)
}

packages=()
for package in numpy pandas python_dateutil six pytz tzdata; do packages+=("$(wheel "$package")"); done
for mode in hardlink copy; do
  cas create "large-$mode" -p "$REPLY" --link-mode "$mode" "${packages[@]}" >/dev/null
  # Every module that can be imported, also those of the tests, not only what the packages need.
  listing "large-$mode" > before
  "large-$mode/bin/python" -c '
import importlib, pkgutil, sys, warnings
warnings.simplefilter("ignore")
import numpy, pandas
count = 0
for package in (numpy, pandas):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".", onerror=lambda name: None):
        if "conftest" in module.name or "__main__" in module.name:
            continue
        try:
            importlib.import_module(module.name)
            count += 1
        except (Exception, SystemExit):
            pass  # wants what is not installed
assert count > 500, count' >/dev/null
  listing "large-$mode" > after
  diff before after > changes || fail "$mode: importing wrote: $(grep -c '^[<>]' changes) lines: $(head -5 changes)"
done
