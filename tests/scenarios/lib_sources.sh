# Source distributions that scenarios write themselves, and the wheels of what builds them: source it behind lib.sh.
# shellcheck shell=bash

# have_backends NAME...: puts the pinned wheels of these projects into the folder links, or skips.
have_backends() {
  local name file
  mkdir -p links
  for name in "$@"; do
    file=$(wheel "$name")
    [[ -f $file ]] || skip "no wheel of $name: run tools/fetch-wheels --group backends"
    cp "$file" links/
  done
}

# have_resolver: skips where there is no uv; what it keeps goes with the scenario.
have_resolver() {
  local uv
  uv=$(a_uv)
  [[ -n $uv ]] || skip "no uv, which finds versions: run tools/fetch-wheels --group resolver"
  export CAS_RESOLVER=$uv
}

# project DIR NAME VERSION BACKEND: a small project, its package NAME with VALUE = "made by BACKEND".
project() {
  local directory=$1 name=$2 version=$3 backend=$4
  mkdir -p "$directory/$name"
  printf 'VALUE = "made by %s"\n' "$backend" >"$directory/$name/__init__.py"
  {
    printf '[project]\nname = "%s"\nversion = "%s"\ndescription = "a test"\n' "$name" "$version"
    case $backend in
      setuptools) printf '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n' ;;
      hatchling) printf '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n' ;;
      flit_core) printf '[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n' ;;
      poetry_core) printf '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n' ;;
    esac
  } >"$directory/pyproject.toml"
  printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$name" "$version" >"$directory/PKG-INFO"
}

# meson_project DIR NAME VERSION: one whose package NAME has an extension module, native, of C; meson-python builds it.
meson_project() {
  mkdir -p "$1/src"
  cat >"$1/pyproject.toml" <<TOML
[build-system]
requires = ["meson-python"]
build-backend = "mesonpy"
[project]
name = "$2"
version = "$3"
TOML
  cat >"$1/meson.build" <<MESON
project('$2', 'c', version: '$3')
python = import('python').find_installation(pure: false)
python.install_sources('src/__init__.py', subdir: '$2')
python.extension_module('native', 'src/native.c', install: true, subdir: '$2')
MESON
  echo 'from .native import VALUE' >"$1/src/__init__.py"
  extension_source >"$1/src/native.c"
  printf 'Metadata-Version: 2.1\nName: %s\nVersion: %s\n' "$2" "$3" >"$1/PKG-INFO"
}

# C of a module "native" with VALUE = "compiled".
extension_source() {
  cat <<'C'
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "native", 0, -1, 0};
PyMODINIT_FUNC PyInit_native(void) {
  PyObject* self = PyModule_Create(&module);
  PyModule_AddStringConstant(self, "VALUE", "compiled");
  return self;
}
C
}

# pack DIR ARCHIVE: the directory as a source archive; its format is told by the ending.
pack() {
  local parent base
  parent=$(dirname "$1") base=$(basename "$1")
  case $2 in
    *.zip) python3 -c 'import shutil, sys; shutil.make_archive(sys.argv[1][:-4], "zip", sys.argv[2], sys.argv[3])' "$2" "$parent" "$base" ;;
    *) tar -C "$parent" -caf "$2" "$base" ;;
  esac
}

# lock_sdist NAME VERSION FILE [DIGEST]: one package of a lock, to be built from the archive.
lock_sdist() {
  printf '\n[[packages]]\nname = "%s"\nversion = "%s"\nsdist = {path = "%s", hashes = {sha256 = "%s"}}\n' "$1" "$2" "$3" \
    "${4:-$(sha256sum "$3" | cut -d' ' -f1)}"
}

lock_head() {
  printf 'lock-version = "1.0"\ncreated-by = "a test"\n'
}

# direct_url ENV NAME: what its direct_url.json says.
direct_url() {
  cat "$1"/lib/python3*/site-packages/"$2"-*.dist-info/direct_url.json
}
