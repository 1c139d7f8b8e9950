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
try:
    import sysconfig
except ImportError:
    sysconfig = None  # 2.6, 3.0, 3.1


def text(value):
    if value is None:
        return u''
    if not isinstance(value, bytes):
        value = os.fsencode(value) if hasattr(os, 'fsencode') else value.encode(sys.getfilesystemencoding())
    return value.decode('latin-1')


def native(value):
    return value if isinstance(value, str) else os.fsdecode(value)


def tell(facts):
    sys.stdout.write('\ncas-interpreter-facts:' + json.dumps(facts) + '\n')
    sys.stdout.flush()


info = tuple(sys.version_info)
version = '%d.%d.%d' % info[:3]
if info[3] != 'final':
    version += {'alpha': 'a', 'beta': 'b', 'candidate': 'rc'}.get(info[3], info[3]) + str(info[4])
short = '%d.%d' % info[:2]
if hasattr(sys, 'implementation'):
    name = sys.implementation.name
else:
    import platform
    name = platform.python_implementation().lower()


def config(key):
    return sysconfig.get_config_var(key) if sysconfig else None


debug = config('Py_DEBUG')
if debug is None:
    debug = hasattr(sys, 'gettotalrefcount')
threaded = bool(config('Py_GIL_DISABLED'))
# Without `site` these are the base installation's, but in the oldest environments.
base_prefix = getattr(sys, 'base_prefix', None) or getattr(sys, 'real_prefix', sys.prefix)
base_exec_prefix = getattr(sys, 'base_exec_prefix', None) or getattr(sys, 'real_prefix', sys.exec_prefix)


def scheme_path(key, root, scheme):
    if not sysconfig:
        return ''
    roots = dict.fromkeys(('base', 'platbase', 'installed_base', 'installed_platbase'), root)
    return sysconfig.get_path(key, scheme, roots)


def environment_path(key):
    # Where a virtual environment has it, relative to its root. Distributions patch the schemes; 'venv'
    # is the one they leave alone.
    scheme = 'venv' if sysconfig and 'venv' in sysconfig.get_scheme_names() else 'posix_prefix'
    path = scheme_path(key, '/e', scheme)
    return path[3:] if path.startswith('/e/') else ''


def home_of_environment(directory):
    # The 'home' of pyvenv.cfg, if this bin directory is a virtual environment's.
    for config in (os.path.join(directory, 'pyvenv.cfg'), os.path.join(os.path.dirname(directory), 'pyvenv.cfg')):
        try:
            with open(config, 'rb') as lines:
                for line in lines:
                    key, _, value = line.partition(b'=')
                    if key.strip().lower() == b'home':
                        return native(value.strip())
                return ''
        except (IOError, OSError):
            pass
    # virtualenv's before pyvenv.cfg.
    try:
        origin = os.path.join(os.path.dirname(directory), 'lib', 'python' + short, 'orig-prefix.txt')
        with open(origin, 'rb') as lines:
            return os.path.join(native(lines.read().strip()), 'bin')
    except (IOError, OSError):
        return None


def usable(path):
    return os.path.isfile(path) and os.access(path, os.X_OK)


def start_of_environments():
    # The executable that the environments around this one, if any, were made of.
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
    return path


def base_executable(path):
    # A link from elsewhere (~/bin/python3) would be a 'home' without a standard library near it.
    prefix = os.path.realpath(base_prefix)
    if os.path.realpath(os.path.join(os.path.dirname(path), os.pardir)) != prefix:
        real = os.path.realpath(path)
        if real.startswith(prefix + os.sep):
            path = real
    # 'python3' may become another version's name one day: take the name that cannot; and /bin may be a link to
    # /usr/bin, whose neighbours Python would look for in the wrong place.
    kind = name if name != 'cpython' else 'python'
    exact = kind + short + ('t' if threaded else '')
    for directory in (os.path.join(base_prefix, 'bin'), os.path.dirname(path)):
        for candidate in (os.path.join(directory, n) for n in (exact, os.path.basename(path))):
            if usable(candidate) and os.path.samefile(candidate, path):
                return candidate
    return path


def libc():
    for key in ('CS_GNU_LIBC_VERSION', 2):  # 2.7 does not know it by name
        try:
            words = os.confstr(key).split()
            if words[0] == 'glibc':
                return ('glibc', words[1])
        except (AttributeError, IndexError, OSError, TypeError, ValueError):
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


def shared_library():
    # What this process has loaded: build settings say what was built, Debian's executable is static all the same.
    try:
        with open('/proc/self/maps', 'rb') as lines:
            for line in lines:
                path = native(line.rstrip(b'\n').split(None, 5)[-1])
                if os.path.basename(path).startswith(('libpython', 'libpypy', 'libgraalpy')) and usable_file(path):
                    return path
    except (IOError, OSError):
        pass
    return ''


def usable_file(path):
    return path.startswith('/') and os.path.isfile(path)


def installed_library():
    soname = config('INSTSONAME') or ''
    if '.so' not in soname:
        return ''
    for directory in (config('LIBDIR') or '', os.path.join(base_prefix, 'lib')):
        path = os.path.join(directory, soname)
        if usable_file(path):
            return path
    return ''


def bytecode_magic():
    try:
        from importlib.util import MAGIC_NUMBER as magic
    except ImportError:
        try:
            import imp
            magic = imp.get_magic()
        except ImportError:
            return ''
    return ''.join('%02x' % byte for byte in bytearray(magic))


def cache_tag():
    if hasattr(sys, 'implementation'):
        return sys.implementation.cache_tag
    try:
        import imp
        return imp.get_tag()
    except (ImportError, AttributeError):
        return ''


start = start_of_environments()
if info[:2] < (3, 3) and not os.path.samefile(start, sys.executable):
    tell({'ask_instead': text(start)})
    sys.exit(0)

stdlib = os.path.dirname(os.path.abspath(os.__file__))
platstdlib = scheme_path('platstdlib', base_exec_prefix, 'posix_prefix')
libc_name, libc_version = libc()
tell(dict(
    version=version,
    major=info[0],
    minor=info[1],
    micro=info[2],
    executable=text(base_executable(start)),
    base_prefix=text(base_prefix),
    base_exec_prefix=text(base_exec_prefix),
    implementation=text(name),
    soabi=text(config('SOABI')),
    ext_suffix=text(config('EXT_SUFFIX')),
    platform=text(sysconfig.get_platform() if sysconfig else ''),
    libc=text(libc_name),
    libc_version=text(libc_version),
    free_threaded=threaded,
    debug=bool(debug),
    pointer_bits=64 if sys.maxsize > 2 ** 32 else 32,
    site_packages=text(environment_path('purelib')),
    scripts=text(environment_path('scripts')),
    stdlib=text(stdlib),
    platstdlib=text(platstdlib if os.path.isdir(platstdlib) else stdlib),
    shared_library=text(shared_library()),
    installed_library=text(installed_library()),
    bytecode_magic=bytecode_magic(),
    cache_tag=text(cache_tag()),
    externally_managed=os.path.isfile(os.path.join(stdlib, 'EXTERNALLY-MANAGED')),
    patched_schemes=bool(sysconfig and 'posix_local' in sysconfig.get_scheme_names()),
))
)python";

}  // namespace cas
