#!/usr/bin/python3
"""Writes the whole examples in C of the documentation, those that include a header, as sources.

usage: examples.py FOLDER FILE...     FILE.md becomes FOLDER/FILE/main.c; prints these folders
"""
import pathlib
import re
import sys


def main():
    folder, files = pathlib.Path(sys.argv[1]), sys.argv[2:]
    for file in map(pathlib.Path, files):
        blocks = re.findall(r"^```c\n(.*?)^```", file.read_text(), re.MULTILINE | re.DOTALL)
        whole = [block for block in blocks if "#include" in block]
        if len(whole) > 1:
            sys.exit(f"{file}: {len(whole)} whole examples: one is expected")
        for block in whole:
            source = folder / file.stem.lower() / "main.c"
            source.parent.mkdir(parents=True, exist_ok=True)
            if not source.exists() or source.read_text() != block:
                source.write_text(block)
            print(source.parent)


main()
