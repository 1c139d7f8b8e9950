// The program of an interpreter that compiles for us.
#pragma once

#include <string_view>

namespace cas {

// What a worker says first, with its magic number (hexadecimal) and cache tag behind it, and a newline.
inline constexpr std::string_view kWorkerGreeting = "cas-compiler ";

// Syntax and library of Python 3.3 and later. Protocol, on standard input and output, integers big-endian:
//   request  ::= u32 length, path of the source
//   response ::= u8 outcome, u32 length, marshalled code        outcome: 0 compiled, 1 does not compile, 2 could not be read
// Responses come in the order of the requests. The source is compiled, never executed, and whatever else the interpreter has to say
// goes nowhere: the two streams are moved away from their usual numbers. argv[1]: seconds that a file may take, enforced by an
// alarm, so that a worker whose maker was killed ends, too.
// The code's file name is the same for all: importing sets the right one.
inline constexpr std::string_view kWorkerProgram = R"python(
import sys
if sys.path and sys.path[0] in ('', '.'):
    del sys.path[0]
import gc
import marshal
import posix
try:
    from importlib.util import MAGIC_NUMBER as magic
except ImportError:
    from imp import get_magic
    magic = get_magic()
try:
    from _signal import alarm
except ImportError:
    def alarm(seconds):
        pass

requests = open(posix.dup(0), 'rb', 65536)
responses = open(posix.dup(1), 'wb', 0)
nothing = posix.open('/dev/null', posix.O_RDWR)
for number in (0, 1, 2):
    posix.dup2(nothing, number)
limit = int(sys.argv[1])


def send(data):
    view = memoryview(data)
    while view:
        view = view[responses.write(view):]


def answer(path):
    try:
        with open(path, 'rb', 0) as file:
            source = file.read()
    except OSError:
        return 2, b''
    try:
        return 0, marshal.dumps(compile(source, '<cas>', 'exec', 0, True, 0))
    except BaseException:
        return 1, b''


gc.disable()
send(('cas-compiler %s %s\n' % (''.join('%02x' % byte for byte in magic), sys.implementation.cache_tag)).encode())
while True:
    head = requests.read(4)
    if len(head) < 4:
        break
    size = int.from_bytes(head, 'big')
    path = requests.read(size)
    if len(path) < size:
        break
    alarm(limit)
    outcome, body = answer(path)
    alarm(0)
    send(bytes([outcome]) + len(body).to_bytes(4, 'big') + body)
)python";

}  // namespace cas
