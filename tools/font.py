#!/usr/bin/env python3
"""Makes the font of the simulated display: code page 437 out of packaged console fonts, as C.

    tools/font.py build/font.c

No console font has all 256 glyphs, so each is taken from the first of FONTS that has it.
"""
import gzip
import pathlib
import struct
import sys

FOLDER = pathlib.Path("/usr/share/consolefonts")  # package console-setup-linux
FONTS = ("Lat15-VGA16", "FullGreek-VGA16", "Ethiopian-Fixed16")
ROWS = 16
# What the first 32 codes, and 127, look like when they are drawn.
LOW = "\0☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
HOUSE = 127
# A table of a PSF font: the characters of a glyph, sequences of them, and the end of the glyph's.
SEQUENCE, END = 0xFFFE, 0xFFFF


def characters():
    """Code page 437, by code."""
    page = [bytes([code]).decode("cp437") for code in range(256)]
    page[:len(LOW)] = LOW
    page[HOUSE] = "⌂"
    return page


def glyphs_of(name):
    """The glyphs of a PSF font, by character."""
    data = gzip.decompress((FOLDER / f"{name}.psf.gz").read_bytes())
    magic, mode, rows = struct.unpack_from("<HBB", data)
    if magic != 0x0436 or rows != ROWS:
        sys.exit(f"font: {name} is no PSF font of 8x{ROWS}")
    count = 512 if mode & 1 else 256
    found, glyph, in_sequence = {}, 0, False
    for (code,) in struct.iter_unpack("<H", data[4 + count * rows:]):
        if code == END:
            glyph, in_sequence = glyph + 1, False
        elif code == SEQUENCE:
            in_sequence = True
        elif not in_sequence:
            found.setdefault(chr(code), data[4 + glyph * rows:4 + (glyph + 1) * rows])
    return found


def font():
    """256 glyphs of ROWS bytes; the highest bit of a byte is the pixel on the left."""
    fonts = [glyphs_of(name) for name in FONTS]
    glyphs = [bytes(ROWS)]
    for character in characters()[1:]:
        found = [glyphs_by[character] for glyphs_by in fonts if character in glyphs_by]
        if not found:
            sys.exit(f"font: no font has {character!r}")
        glyphs.append(found[0])
    return glyphs


def main():
    lines = [f"    {{{', '.join(f'0x{row:02X}' for row in glyph)}}}," for glyph in font()]
    pathlib.Path(sys.argv[1]).write_text(
        "/* Made by tools/font.py. */\n#include \"window/picture.h\"\n\n"
        f"const uint8_t picture_font[256][{ROWS}] = {{\n" + "\n".join(lines) + "\n};\n")


if __name__ == "__main__":
    main()
