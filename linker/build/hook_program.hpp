// The program that calls a back-end's hooks in an environment for building.
#pragma once

#include <string_view>

namespace cas {

// Syntax and library of Python 3.6 and later. argv[1]: a directory with input.json
//   {"source": path, "backend": "module:object", "backend_path": [path], "hook": name, "arguments": [...]}
// where output.json is written: {"outcome": "returned", "value": ...}, or {"outcome": "missing" | "unimportable" | "raised", "text": why}.
// All that is said meanwhile goes into the file log.
inline constexpr std::string_view kHookProgram = R"python(
import importlib
import json
import os
import sys
import traceback

control = sys.argv[1]
del sys.path[0]
log = os.open(os.path.join(control, 'log'), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
os.dup2(log, 1)
os.dup2(log, 2)
with open(os.path.join(control, 'input.json'), encoding='utf-8') as file:
    job = json.load(file)
source = os.path.realpath(job['source'])
os.chdir(source)
# What back-ends read there is the command line of a program that is theirs.
sys.argv = ['setup.py']


def inside(path, directory):
    return path == directory or path.startswith(directory + os.sep)


def load():
    places = [os.path.realpath(os.path.join(source, path)) for path in job['backend_path']]
    for place in places:
        if not inside(place, source):
            raise ImportError('backend-path leads out of the sources: ' + place)
    sys.path[:0] = places
    name, _, attributes = job['backend'].partition(':')
    backend = importlib.import_module(name)
    if places:
        file = os.path.realpath(getattr(backend, '__file__', None) or '')
        if not any(inside(file, place) for place in places):
            raise ImportError('{} was not loaded from backend-path, but from {}'.format(name, file))
    for attribute in filter(None, attributes.split('.')):
        backend = getattr(backend, attribute)
    return backend


def run():
    try:
        backend = load()
    except BaseException:
        traceback.print_exc()
        return {'outcome': 'unimportable', 'text': str(sys.exc_info()[1])}
    hook = getattr(backend, job['hook'], None)
    if hook is None:
        return {'outcome': 'missing', 'text': job['hook']}
    try:
        value = hook(*job['arguments'])
    except BaseException:
        traceback.print_exc()
        return {'outcome': 'raised', 'text': str(sys.exc_info()[1])}
    return {'outcome': 'returned', 'value': value}


output = run()
sys.stdout.flush()
with open(os.path.join(control, 'output.json.new'), 'w', encoding='utf-8') as file:
    json.dump(output, file)
os.rename(os.path.join(control, 'output.json.new'), os.path.join(control, 'output.json'))
)python";

}  // namespace cas
