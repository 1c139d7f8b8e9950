"""Runs a command at a pseudo-terminal and looks at what its screen shows; tests/scenarios/progress.sh calls it.

    progress.py ROWS COLUMNS [--interrupt TEXT] [--narrow TEXT COLUMNS] -- COMMAND...

--interrupt: Ctrl-C is pressed when TEXT is on the screen. --narrow: the terminal gets fewer columns then.

Prints "status N", "rows N" (of the fullest screen with a rate or a build on it), "draws N" (how often the lines were
drawn or erased), "tenths N" (of a second that the command took), that screen behind "fullest:" and the last one behind
"last:".
"""

import argparse
import codecs
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 120  # seconds, after which the command is taken to hang


class Screen:
    """As much of a terminal as is needed; what it does not know is a fault."""

    def __init__(self, columns):
        self.columns = columns
        self.rows, self.row, self.column = [""], 0, 0

    def write(self, text):
        for word in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+|\x1b", text):
            if word == "\r":
                self.column = 0
            elif word == "\n":
                self.row += 1
                if self.row == len(self.rows):
                    self.rows.append("")
            elif word.startswith("\x1b"):
                self.control(word)
            else:
                for character in word:
                    assert character.isprintable(), repr(word)
                    if self.column == self.columns:
                        self.write("\r\n")
                    line = self.rows[self.row].ljust(self.column)
                    self.rows[self.row] = line[: self.column] + character + line[self.column + 1 :]
                    self.column += 1

    def control(self, word):
        number = int(word[2:-1] or 1) if word[-1] == "A" else 0
        if word[-1] == "A":
            assert number <= self.row, "above the top"
            self.row -= number
        elif word == "\x1b[J":
            del self.rows[self.row + 1 :]
            self.rows[self.row] = self.rows[self.row][: self.column]
        elif word == "\x1b[K":
            self.rows[self.row] = self.rows[self.row][: self.column]
        else:
            raise AssertionError(repr(word))

    def narrow(self, columns):
        """Breaks what does not fit, as terminals do; the cursor stays with its text."""
        self.columns = columns
        broken = [row[at : at + columns] for row in self.rows for at in range(0, max(len(row), 1), columns)]
        self.rows, self.row, self.column = broken, len(broken) - 1, len(broken[-1])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("rows", type=int)
    arguments.add_argument("columns", type=int)
    arguments.add_argument("--interrupt")
    arguments.add_argument("--narrow", nargs=2)
    arguments.add_argument("command", nargs="+")
    given = arguments.parse_args()
    start = time.monotonic()
    pid, fd = pty.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvpe(given.command[0], given.command, {**os.environ, "TERM": "xterm"})
    resize = lambda columns: fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", given.rows, columns, 0, 0))
    resize(given.columns)
    screen, fullest, draws = Screen(given.columns), [], 0
    decoder, pending = codecs.getincrementaldecoder("utf-8")(), ""
    while time.monotonic() < start + PATIENCE:
        if not select.select([fd], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(fd, 1 << 16)
        except OSError:
            break
        if not data:
            break
        # One write may come in two pieces.
        text = pending + decoder.decode(data)
        pending = re.search(r"(\x1b(\[[0-9;?]*)?)?\Z", text)[0]
        text = text.removesuffix(pending)
        draws += text.count("\x1b[J")
        screen.write(text)
        text = "\n".join(screen.rows)
        fullness = (len(screen.rows), " more" in text)
        if re.search("B/s|building", text) and fullness >= (len(fullest), " more" in "\n".join(fullest)):
            fullest = list(screen.rows)
        if given.interrupt and re.search(given.interrupt, text):
            os.write(fd, b"\x03")
            given.interrupt = None
        if given.narrow and re.search(given.narrow[0], text):
            resize(int(given.narrow[1]))
            screen.narrow(int(given.narrow[1]))
            given.narrow = None
    else:
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print("status", status)
    print("rows", len(fullest))
    print("draws", draws)
    print("tenths", round((time.monotonic() - start) * 10))
    print("fullest:", *fullest, sep="\n")
    print("last:", *screen.rows, sep="\n")
    print("(end)")


if __name__ == "__main__":
    sys.exit(main())
