// The program that an interpreter runs to tell about itself.
#pragma once

#include <string_view>

namespace cas {

// Stands in front of the JSON in the output, whatever was printed before.
inline constexpr std::string_view kProbeMark = "cas-interpreter-facts:";

// For `python -E -s -S -c`; syntax of Python 2.7, so that an old one can say how old it is. (-I would come with 3.4
// only; with "-c" it differs from -E -s by the current directory in sys.path, which the program takes out.)
// Strings are handed over as Latin-1 text, one character per byte: paths need not be UTF-8, JSON must be.
inline constexpr std::string_view kProbeProgram = R"python(
import sys
if sys.path and sys.path[0] in ('', '.'):
    del sys.path[0]
import json, os


def text(value):
    if value is None:
        return u''
    if not isinstance(value, bytes):
        value = os.fsencode(value)
    return value.decode('latin-1')


def tell(facts):
    sys.stdout.write('\ncas-interpreter-facts:' + json.dumps(facts) + '\n')
    sys.stdout.flush()


info = sys.version_info
version = '%d.%d.%d' % tuple(info[:3])
if info[3] != 'final':
    version += {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}.get(info[3], info[3]) + str(info[4])
facts = {'version': version, 'major': info[0], 'minor': info[1], 'micro': info[2]}
if tuple(info[:2]) < (3, 3):
    tell(facts)
    sys.exit(0)

import sysconfig

name = sys.implementation.name
debug = sysconfig.get_config_var('Py_DEBUG')
if debug is None:
    debug = hasattr(sys, 'gettotalrefcount')
threaded = bool(sysconfig.get_config_var('Py_GIL_DISABLED'))
short = '%d.%d' % tuple(info[:2])


def environment_path(key):
    # Where a virtual environment has it, relative to its root. Distributions patch the schemes; 'venv'
    # is the one they leave alone.
    scheme = 'venv' if 'venv' in sysconfig.get_scheme_names() else 'posix_prefix'
    root = '/e'
    roots = dict.fromkeys(('base', 'platbase', 'installed_base', 'installed_platbase'), root)
    path = sysconfig.get_path(key, scheme, roots)
    return path[len(root) + 1:] if path.startswith(root + '/') else ''


def home_of_environment(directory):
    # The 'home' of pyvenv.cfg, if this bin directory is a virtual environment's.
    for config in (os.path.join(directory, 'pyvenv.cfg'), os.path.join(os.path.dirname(directory), 'pyvenv.cfg')):
        try:
            with open(config, 'rb') as lines:
                for line in lines:
                    key, _, value = line.partition(b'=')
                    if key.strip().lower() == b'home':
                        return os.fsdecode(value.strip())
                return ''
        except (IOError, OSError):
            pass
    return None


def usable(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def base_executable():
    # sys._base_executable names an environment's own binary before 3.11, and is missing in the oldest versions.
    path = getattr(sys, '_base_executable', None) or sys.executable
    if not usable(path):
        path = sys.executable
    for _ in range(8):
        home = home_of_environment(os.path.dirname(path))
        if home is None:
            break
        names = [os.path.basename(path), 'python' + short, 'python3', 'python']
        found = [c for c in (os.path.join(home, n) for n in names) if home and usable(c)]
        path = found[0] if found else os.path.realpath(path)
        if not found:
            break
    # A link from elsewhere (~/bin/python3) would be a 'home' without a standard library near it.
    prefix = os.path.realpath(sys.base_prefix)
    if os.path.realpath(os.path.join(os.path.dirname(path), os.pardir)) != prefix:
        real = os.path.realpath(path)
        if real.startswith(prefix + os.sep):
            path = real
    # 'python3' may become another version's name one day: take the name that cannot; and /bin may be a link to
    # /usr/bin, whose neighbours Python would look for in the wrong place.
    kind = name if name != 'cpython' else 'python'
    exact = kind + short + ('t' if threaded else '')
    for directory in (os.path.join(sys.base_prefix, 'bin'), os.path.dirname(path)):
        for candidate in (os.path.join(directory, n) for n in (exact, os.path.basename(path))):
            if usable(candidate) and os.path.samefile(candidate, path):
                return candidate
    return path


def libc():
    try:
        words = os.confstr('CS_GNU_LIBC_VERSION').split()
        if words[0] == 'glibc':
            return ('glibc', words[1])
    except (AttributeError, IndexError, OSError, ValueError):
        pass
    import glob
    import subprocess
    for loader in sorted(glob.glob('/lib/ld-musl-*.so.1')):
        try:
            output = subprocess.Popen([loader], stderr=subprocess.PIPE).communicate()[1]
        except OSError:
            continue
        for line in output.decode('latin-1').splitlines():
            words = line.split()
            if words[:1] == ['Version'] and len(words) > 1:
                return ('musl', words[1])
    return ('', '')


def bytecode_magic():
    try:
        from importlib.util import MAGIC_NUMBER
    except ImportError:
        from imp import get_magic
        MAGIC_NUMBER = get_magic()
    return ''.join('%02x' % byte for byte in MAGIC_NUMBER)


libc_name, libc_version = libc()
facts.update(
    executable=text(base_executable()),
    base_prefix=text(sys.base_prefix),
    implementation=text(name),
    soabi=text(sysconfig.get_config_var('SOABI')),
    ext_suffix=text(sysconfig.get_config_var('EXT_SUFFIX')),
    platform=text(sysconfig.get_platform()),
    libc=text(libc_name),
    libc_version=text(libc_version),
    free_threaded=threaded,
    debug=bool(debug),
    pointer_bits=64 if sys.maxsize > 2 ** 32 else 32,
    site_packages=text(environment_path('purelib')),
    scripts=text(environment_path('scripts')),
    cache_tag=text(sys.implementation.cache_tag),
    bytecode_magic=text(bytecode_magic()),
)
tell(facts)
)python";

}  // namespace cas
