"""Pictures of the simulated board, what they ought to show, and what they say: drawn anew and read,
with the packaged font and nothing of the code that is tested but where things are."""
import functools
import gzip
import pathlib
import struct
import zlib

FONTS = pathlib.Path("/usr/share/consolefonts")
WIDTH, HEIGHT = 720, 660
COLUMNS, ROWS = 80, 25
SCREEN_X, SCREEN_Y = 40, 40  # of the framebuffer
TEXT_Y = 80
LEDS = [(266 - 30 * led, 592) for led in range(8)]
BUTTONS = [(340 + 58 * button, 592) for button in range(4)]
PALETTE = ["000000", "0000AA", "00AA00", "00AAAA", "AA0000", "AA00AA", "AA5500", "AAAAAA",
           "555555", "5555FF", "55FF55", "55FFFF", "FF5555", "FF55FF", "FFFF55", "FFFFFF"]
LOW = " ☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"


class Picture:
    """Rows of pixels as RRGGBB."""

    def __init__(self, width, height, pixels):
        self.width, self.height, self.pixels = width, height, pixels

    def at(self, x, y):
        offset = 3 * (y * self.width + x)
        return self.pixels[offset:offset + 3].hex().upper()

    def cell(self, column, row):
        """The pixels of a cell, a list of 16 rows."""
        x, y = SCREEN_X + 8 * column, TEXT_Y + 16 * row
        starts = (3 * ((y + line) * self.width + x) for line in range(16))
        return [self.pixels[start:start + 24] for start in starts]


def undo_filter(kind, line, above, step):
    """PNG: each byte was written as what it is more than its neighbours say; or, of kind 0, as it is."""
    if kind == 0:
        return line
    out = bytearray(line)
    for i, byte in enumerate(line):
        left = out[i - step] if i >= step else 0
        corner = above[i - step] if i >= step else 0
        up = above[i]
        guess = left + up - corner
        paeth = min((left, up, corner), key=lambda value: abs(guess - value))
        out[i] = byte + (0, left, up, (left + up) // 2, paeth)[kind] & 0xFF
    return out


def read_png(path):
    data = pathlib.Path(path).read_bytes()
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8:at + 8 + length]
        if zlib.crc32(kind + body) != struct.unpack_from(">I", data, at + 8 + length)[0]:
            raise ValueError(f"{path}: the checksum of {kind} is wrong")
        if kind == b"IHDR":
            width, height, depth, colours = struct.unpack_from(">IIBB", body)
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    step = {2: 3, 6: 4}[colours]
    if depth != 8:
        raise ValueError(f"{path}: {depth} bits")
    raw, above, rows = zlib.decompress(packed), bytearray(width * step), []
    for start in range(0, len(raw), 1 + width * step):
        above = undo_filter(raw[start], raw[start + 1:start + 1 + width * step], above, step)
        rows.append(above if step == 3 else
                    b"".join(bytes(above[i:i + 3]) for i in range(0, len(above), step)))
    return Picture(width, height, b"".join(rows))


@functools.cache
def glyphs_of(name):
    """16 bytes for each character of a packaged font."""
    data = gzip.decompress((FONTS / f"{name}.psf.gz").read_bytes())
    count = 512 if data[2] & 1 else 256
    table = data[4 + 16 * count:].decode("utf-16-le", "surrogatepass").split("\uFFFF")
    return {character: data[4 + 16 * number:20 + 16 * number]
            for number, characters in reversed(list(enumerate(table[:count])))
            for character in characters.split("\uFFFE")[0]}


def glyph_of(character):
    """Out of the first font that has it."""
    for name in ("Lat15-VGA16", "FullGreek-VGA16", "Ethiopian-Fixed16"):
        if character in glyphs_of(name):
            return glyphs_of(name)[character]
    raise LookupError(f"no font has {character!r}")


class Wanted:
    """What the text display ought to show."""

    def __init__(self):
        self.cells = [[(0x20, 0x07)] * COLUMNS for _ in range(ROWS)]
        self.cursor = None
        self.glyphs = {0: bytes(16)}

    def put(self, column, row, text, colours=0x07):
        for i, character in enumerate(text):
            code = character if isinstance(character, int) else character.encode("cp437")[0]
            self.cells[row][column + i] = (code, colours)

    def glyph(self, code):
        if code not in self.glyphs:
            character = LOW[code] if code < 32 else "⌂" if code == 127 else bytes([code]).decode("cp437")
            self.glyphs[code] = glyph_of(character)
        return self.glyphs[code]

    def draw(self, column, row):
        code, colours = self.cells[row][column]
        foreground, background = (bytes.fromhex(PALETTE[n]) for n in (colours & 15, colours >> 4))
        lines = [b"".join(foreground if bits & 128 >> x else background for x in range(8))
                 for bits in self.glyph(code)]
        if self.cursor == (column, row):
            lines[13:15] = [foreground * 8] * 2
        return lines

    def difference(self, picture):
        """None, or where the picture shows something else."""
        for row in range(ROWS):
            for column in range(COLUMNS):
                if picture.cell(column, row) != self.draw(column, row):
                    return f"column {column}, row {row} does not show {self.cells[row][column]}"
        return None


# ---- Read -------------------------------------------------------------------------------------------

CURSOR_LINES = range(13, 15)  # of a cell


def with_cursor(glyph):
    return bytes(255 if line in CURSOR_LINES else bits for line, bits in enumerate(glyph))


@functools.cache
def shapes():
    """The characters that can be typed, by their glyphs; and those glyphs with a cursor, in which a
    space is like a low line."""
    plain = {glyph_of(character): character for character in map(chr, range(126, 31, -1))}
    return plain, {with_cursor(glyph): character for glyph, character in plain.items()}


def bits_of(line, colour):
    """Which of the 8 pixels of a cell's line have a colour."""
    return sum(128 >> x for x in range(8) if line[3 * x:3 * x + 3] == colour)


@functools.cache
def read_cell(lines):
    """The character of a cell, whatever its two colours are, and whether the cursor is there."""
    pixels = b"".join(lines)
    colours = {pixels[at:at + 3] for at in range(0, len(pixels), 3)}
    if len(colours) == 1:
        return " ", False
    for colour in colours:
        glyph = bytes(bits_of(line, colour) for line in lines)
        for is_cursor, known in enumerate(shapes()):
            if glyph in known:
                return known[glyph], bool(is_cursor)
    return "\N{REPLACEMENT CHARACTER}", False


@functools.lru_cache(100)
def read_row(pixels):
    """The characters of a row of cells, out of its 16 rows of pixels; and the column of the cursor."""
    starts = [3 * (line * WIDTH + SCREEN_X) for line in range(16)]
    cells = [read_cell(tuple(pixels[start + 24 * column:start + 24 * column + 24] for start in starts))
             for column in range(COLUMNS)]
    return ("".join(character for character, _ in cells),
            next((column for column, (_, is_cursor) in enumerate(cells) if is_cursor), None))


class Shown:
    """The text that a picture shows, and where its cursor is; None: it is not lit."""

    def __init__(self, picture):
        self.rows, self.cursor = [], None
        for row in range(ROWS):
            start = 3 * (TEXT_Y + 16 * row) * WIDTH
            text, column = read_row(picture.pixels[start:start + 3 * 16 * WIDTH])
            self.rows.append(text)
            self.cursor = (column, row) if column is not None else self.cursor

    @property
    def shows_cursor(self):
        return self.cursor is not None

    def line(self, row):
        return self.rows[row].rstrip()

    def lines(self):
        return [self.line(row) for row in range(ROWS)]

    def text(self):
        """As it may have been written: lines, up to the last one and up to the cursor."""
        lines = self.lines()
        column, row = self.cursor or (0, 0)
        lines[row] = lines[row].ljust(column)
        return "\r\n".join(lines[:max([row, *(at for at, line in enumerate(lines) if line)]) + 1])
