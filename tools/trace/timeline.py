"""Draws a trace as a timeline in plain text: a row for each interrupt and each task."""
from axis import nice_step, time_text
from spans import of_kind

RAN = ("task", "isr")
SIGNS = {"ready": "+", "wait": ".", "suspended": "_"}
LEGEND = "# runs   | runs, for less than half of the column   + ready   . waits   _ suspended"
LEAST_COLUMNS = 20


class Row:
    """For how long, in each column, the row's task was what; a moment counts as 0."""

    def __init__(self, columns):
        self.columns = [{} for _ in range(columns)]

    def signs(self, column_ns):
        return "".join(sign_of(column, column_ns) for column in self.columns)


def sign_of(column, column_ns):
    ran = [column[kind] for kind in RAN if kind in column]
    if ran:
        return "#" if 2 * sum(ran) >= column_ns else "|"
    return SIGNS[max(column, key=column.get)] if column else " "


class Timeline:
    """`always` has tasks without an event in the trace, and what each was all the time."""

    def __init__(self, trace, start, end, width, always=()):
        self.start, self.end = start, max(end, start + 1)
        self.rows = {}
        spans = [span for span in of_kind(trace, *RAN, *SIGNS)
                 if span.end >= start and span.start <= end]
        names = {name_of(span): None for span in sorted(spans, key=lambda span: span.kind != "isr")}
        names.update(dict.fromkeys(name for name, _ in always))
        self.left = max(map(len, names), default=0) + 2
        self.width = max(width - self.left, LEAST_COLUMNS)
        self.rows = {name: Row(self.width) for name in names}
        for span in spans:
            self.add(name_of(span), span.kind, span.start, span.end)
        for name, kind in always:
            self.add(name, kind, self.start, self.end)

    def column(self, ns):
        return min((ns - self.start) * self.width // (self.end - self.start), self.width - 1)

    def edge(self, column):
        """When a column begins."""
        return self.start + -(-column * (self.end - self.start) // self.width)

    def add(self, name, kind, start, end):
        start, end = max(start, self.start), min(end, self.end)
        last = self.column(end - 1) if end > start else self.column(start)  # the end is no part of it
        for column in range(self.column(start), last + 1):
            share = min(end, self.edge(column + 1)) - max(start, self.edge(column))
            shares = self.rows[name].columns[column]
            shares[kind] = shares.get(kind, 0) + max(share, 0)

    def axis(self):
        """Two lines: marks, and the times that have room."""
        step = nice_step(self.end - self.start)
        marks, labels = [" "] * self.width, ""
        for ns in range(-(-self.start // step) * step, self.end + 1, step):
            column, label = self.column(ns), time_text(ns, step)
            marks[column] = "'"
            if column >= len(labels) + bool(labels) and column + len(label) <= self.width:
                labels = labels.ljust(column) + label
        return ["".join(marks), labels]

    def lines(self):
        column_ns = (self.end - self.start) / self.width
        rows = [name.ljust(self.left) + row.signs(column_ns) for name, row in self.rows.items()]
        return [LEGEND] + [line.rstrip() for line in
                           rows + [" " * self.left + line for line in self.axis()]]


def name_of(span):
    return f"isr {span.name}" if span.kind == "isr" else span.name


def draw(trace, width, start=None, end=None, always=()):
    """The lines of a timeline, as wide as that; of all the trace, or from and to a time."""
    first, last = trace.events[0].ns, trace.events[-1].ns
    return Timeline(trace, first if start is None else start, last if end is None else end, width,
                    always).lines()
