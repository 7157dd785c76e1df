#!/usr/bin/env python3
"""Converts a trace, as --trace or a trace ring wrote it, for other programs.

A board's console may be given as it is: what is not of the trace is skipped.
"""
import argparse
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "trace"))
# pylint: disable=wrong-import-position
import ctf
import perfetto
import svg
import timeline
from events import BadTrace, read


def seconds(text):
    return round(float(text) * 1e9)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trace", help="what --trace, make trace-get or a board's console wrote")
    parser.add_argument("--perfetto", metavar="FILE.json", help="for ui.perfetto.dev")
    parser.add_argument("--ctf", metavar="FOLDER", help="for babeltrace2 and Trace Compass")
    parser.add_argument("--svg", metavar="FILE.svg", help="a timeline, for documents")
    parser.add_argument("--text", action="store_true", help="a timeline, on the terminal")
    parser.add_argument("--width", type=int, default=shutil.get_terminal_size().columns, metavar="N",
                        help="of the timeline in text, in characters")
    parser.add_argument("--from", dest="start", type=seconds, metavar="S", help="of the timeline")
    parser.add_argument("--to", dest="end", type=seconds, metavar="S", help="of the timeline")
    options = parser.parse_args()
    if not (options.perfetto or options.ctf or options.svg or options.text):
        parser.error("one of --perfetto, --ctf, --svg and --text, please")
    try:
        trace = read(options.trace)
    except (BadTrace, OSError) as error:
        sys.exit(f"trace: {error}")
    for flag, path, export in (
            ("--perfetto", options.perfetto, lambda path: perfetto.export(trace, path)),
            ("--ctf", options.ctf, lambda path: ctf.export(trace, path)),
            ("--svg", options.svg, lambda path: svg.export(trace, path, options.start, options.end))):
        try:
            if path:
                export(path)
        except OSError as error:
            parser.error(f"{flag}: {error}")
    if options.text:
        print("\n".join(timeline.draw(trace, options.width, options.start, options.end)))
    print(f"{len(trace.events)} events, {trace.lost_before} lost before, {trace.lost} in between")


main()
