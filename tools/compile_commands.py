#!/usr/bin/env python3
"""Writes compile_commands.json, which tells an editor's language server how sources are compiled.

usage: compile_commands.py SOURCE... -- COMMAND...

COMMAND is what compiles each source, split into words by the shell that would run it: so quotes
in a flag mean here what they mean to the compiler.
"""
import json
import os
import sys


def main():
    split = sys.argv.index("--")
    sources, command = sys.argv[1:split], sys.argv[split + 1:]
    entries = [{"directory": os.getcwd(), "file": source, "arguments": [*command, "-c", source]}
               for source in sources]
    with open("compile_commands.json", "w", encoding="utf-8") as file:
        json.dump(entries, file, indent=1)


main()
