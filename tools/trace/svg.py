"""Draws a trace as an SVG timeline: a row for each task, for interrupts and for each mutex."""
from html import escape

from axis import nice_step, time_text
from spans import of_kind

LEFT, WIDTH, ROW, BAR, TOP = 110, 800, 26, 14, 34
FILLS = {"task": "#2b6cb0", "ready": "#bee3f8", "isr": "#c05621", "mutex": "#6b46c1"}
LEGEND = [("task", "runs"), ("ready", "ready"), ("isr", "interrupt"), ("mutex", "owned by")]
STYLE = ("text{font:12px sans-serif;fill:#2d3748}.small{font-size:10px}.axis{stroke:#cbd5e0}"
         ".owner{fill:#fff;font-size:10px}")


class Picture:
    def __init__(self, trace, start, end):
        self.start, self.end = start, end
        self.spans = [span for span in of_kind(trace, *FILLS)
                      if span.end >= start and span.start <= end]
        self.rows = self.row_names()
        self.parts = []

    def row_names(self):
        """Interrupts first, then tasks and mutexes in the order of their first appearance."""
        names = {}
        for kinds in (("isr",), ("task", "ready"), ("mutex",)):
            for span in self.spans:
                if span.kind in kinds and span.name != "idle":
                    names.setdefault(self.row_of(span), len(names))
        return names

    @staticmethod
    def row_of(span):
        return f"interrupt {span.name}" if span.kind == "isr" else span.name

    def x(self, ns):
        inside = min(max(ns, self.start), self.end)
        return LEFT + WIDTH * (inside - self.start) / max(self.end - self.start, 1)

    def bar(self, span):
        row = self.rows.get(self.row_of(span))
        if row is None:
            return
        left, right = self.x(span.start), self.x(span.end)
        y = TOP + row * ROW + (ROW - BAR) / 2
        title = f"{self.row_of(span)} {span.detail} {span.start / 1e6:.6f} to {span.end / 1e6:.6f} ms"
        self.parts.append(f'<rect x="{left:.2f}" y="{y}" width="{max(right - left, 0.6):.2f}" '
                          f'height="{BAR}" fill="{FILLS[span.kind]}"><title>{escape(title)}</title>'
                          "</rect>")
        if span.kind == "mutex" and right - left > 7 * len(span.detail):
            self.parts.append(f'<text class="owner" x="{left + 3:.2f}" y="{y + 11}">'
                              f"{escape(span.detail)}</text>")

    def axis(self):
        step = nice_step(self.end - self.start)
        bottom = TOP + len(self.rows) * ROW
        for ns in range(-(-self.start // step) * step, self.end + 1, step):
            self.parts.append(f'<line class="axis" x1="{self.x(ns):.2f}" x2="{self.x(ns):.2f}" '
                              f'y1="{TOP}" y2="{bottom}"/><text class="small" text-anchor="middle" '
                              f'x="{self.x(ns):.2f}" y="{bottom + 14}">{time_text(ns, step)}</text>')

    def legend(self):
        kinds = {span.kind for span in self.spans}
        for place, (kind, words) in enumerate(item for item in LEGEND if item[0] in kinds):
            x = LEFT + 90 * place
            self.parts.append(f'<rect x="{x}" y="8" width="12" height="12" fill="{FILLS[kind]}"/>'
                              f'<text x="{x + 17}" y="18">{words}</text>')

    def draw(self):
        self.legend()
        self.axis()
        for name, row in self.rows.items():
            self.parts.append(f'<text x="{LEFT - 8}" y="{TOP + row * ROW + 17}" '
                              f'text-anchor="end">{escape(name)}</text>')
        for span in self.spans:
            self.bar(span)
        width, height = LEFT + WIDTH + 40, TOP + len(self.rows) * ROW + 24
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
                f'width="{width}" height="{height}"><style>{STYLE}</style>'
                f'<rect width="{width}" height="{height}" fill="#fff"/>\n'
                + "\n".join(self.parts) + "\n</svg>\n")


def export(trace, path, start=None, end=None):
    first, last = trace.events[0].ns, trace.events[-1].ns
    picture = Picture(trace, first if start is None else start, last if end is None else end)
    with open(path, "w", encoding="utf-8") as file:
        file.write(picture.draw())
