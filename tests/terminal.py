"""A terminal that understands what the shell writes: what is on its screen after that."""
import re

from cases import check

PIECE = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b\[[?\d;]*$|\x1b$|(.)", re.DOTALL)


class Terminal:
    def __init__(self, rows=25, columns=80):
        self.rows, self.columns = rows, columns
        self.rest = ""  # a sequence that is not complete
        self.shows_cursor = True
        self.clear()

    def clear(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0

    def feed(self, text):
        text, self.rest = self.rest + text, ""
        for found in PIECE.finditer(text):
            if found[2]:
                self.sequence(found[1], found[2])
            elif found[3]:
                self.put(found[3])
            else:
                self.rest = found[0]

    def put(self, char):
        if char == "\r":
            self.column = 0
        elif char == "\n":
            self.row += 1
            if self.row == self.rows:
                self.cells = self.cells[1:] + [[" "] * self.columns]
                self.row -= 1
        elif char >= " ":
            check(self.column < self.columns, f"beyond the last column: {self.line(self.row)}")
            self.cells[self.row][self.column] = char
            self.column += 1

    def sequence(self, parameters, final):
        numbers = [int(number) for number in parameters.strip("?").split(";") if number]
        first = numbers[0] if numbers else 0
        if final == "H":
            self.row = (first or 1) - 1
            self.column = (numbers[1] if len(numbers) > 1 else 1) - 1
        elif final == "J":
            self.clear_cells()
        elif final == "K":
            self.cells[self.row][self.column:] = [" "] * (self.columns - self.column)
        elif final in "CD":
            self.column += first if final == "C" else -first
        elif final in "lh":
            self.shows_cursor = final == "h"
        else:
            check(final == "m", f"what is this: {parameters}{final}")

    def clear_cells(self):
        self.cells = [[" "] * self.columns for _ in range(self.rows)]

    def line(self, row):
        return "".join(self.cells[row]).rstrip()

    def lines(self):
        return [self.line(row) for row in range(self.rows)]
