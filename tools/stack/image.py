"""What the sources and the debug information say of an image: tasks, timers, annotations.

Annotations are comments. The first two belong to the machine instruction of their line (or of the
line below, when they stand alone):

  /* calls: f, g */             an indirect call reaches these functions; "timers": every callback,
                                 "commands": every command of the shell, "coroutines": every body
                                 of one
  /* stack: another */          from here on the code runs on another stack
  /* stack: task N runs F on S */   a task that is made at run time: its name, entry, and stack
"""
import json
import pathlib
import re
import subprocess

CALLS = re.compile(r"/\* calls: ([\w, ]+)")
OTHER = re.compile(r"/\* stack: another")
TASK = re.compile(r"stack: task (\w+) runs (\w+) on (\w+(?:\[\d+\])?)")
GDB_SCRIPT = pathlib.Path(__file__).with_name("gdb_facts.py")


def gdb(image, *commands, timeout=300):
    words = ["gdb-multiarch", "-q", "-nx", "-batch"]
    for command in commands:
        words += ["-ex", command]
    done = subprocess.run(words + [image], capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL, check=False)
    found = re.search(r"^facts: (.*)$", done.stdout, re.MULTILINE)
    if not found:
        raise RuntimeError("gdb says nothing:\n" + done.stdout + done.stderr)
    return json.loads(found[1])


def lines_of(image, addresses):
    """(file, line) of each address, innermost inlined function first."""
    if not addresses:
        return {}
    done = subprocess.run(["arm-none-eabi-addr2line", "-a", "-i", "-e", image,
                           *(f"{address:#x}" for address in addresses)], capture_output=True,
                          text=True, check=True)
    found = {}
    for text in done.stdout.splitlines():
        if text.startswith("0x"):
            places = found.setdefault(int(text, 16), [])
        else:
            path, _, line = text.partition(" ")[0].rpartition(":")
            places.append((path, int(line) if line.isdigit() else 0))
    return found


class Sources:
    def __init__(self, folders):
        self.folders, self.texts = folders, {}

    def line(self, path, number):
        if path not in self.texts:
            file = pathlib.Path(path)
            self.texts[path] = file.read_text(errors="replace").splitlines() if file.exists() else []
        lines = self.texts[path]
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def annotation(self, pattern, places):
        for path, number in places:
            above = self.line(path, number - 1).strip()
            for text in (self.line(path, number), above if above.startswith("/*") else ""):
                found = pattern.search(text)
                if found:
                    return found
        return None

    def tasks(self):
        """(name, entry, stack) of the tasks that comments name."""
        for folder in self.folders:
            for path in sorted(pathlib.Path(folder).glob("*.c")):
                yield from TASK.findall(path.read_text(errors="replace"))
