"""Tables of text."""


def is_number(cell):
    return cell.replace(".", "", 1).isdigit() or cell in ("", "-")


def print_table(rows):
    """The first row is the titles. Columns are as wide as their widest; numbers are flush right."""
    columns = list(zip(*rows))
    widths = [max(map(len, column)) for column in columns]
    right = [all(map(is_number, column[1:])) and any(column[1:]) for column in columns]
    for row in rows:
        cells = [cell.rjust(width) if is_right else cell.ljust(width)
                 for cell, width, is_right in zip(row, widths, right)]
        print("  ".join(cells).rstrip())
