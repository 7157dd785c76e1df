"""What bench.py measured, row by row: kept in build/bench.json, judged by the peers' best, printed."""

import json
import os
import statistics
from typing import NamedTuple

from bench_goals import (BOARD_GOALS, FOOTPRINT_GOALS, HOST_GOALS, IDLE_CPU_MS_GOAL, JUDGED_BY_MAX,
                         SLEEP_1000_MS_GOAL, YIELD_10000_GOAL)

JSON_PATH = "build/bench.json"

# kiln_snprintf(), against the better of newlib's two snprintf() in the same run.
PRINT_ROWS = ["print_text", "print_d", "print_u_max", "print_s", "print_c", "print_x",
              "print_08lx", "print_wide", "print_line", "print_llu"]


def make_row(home, name, unit, values, ratio=None):
    median = statistics.median(values)
    rounded = [round(value, 4) for value in (median, min(values), max(values))]
    return {"home": home, "row": name, "unit": unit, "median": rounded[0], "min": rounded[1],
            "max": rounded[2], "ratio": None if ratio is None else round(ratio, 4)}


def load_rows():
    try:
        with open(JSON_PATH, encoding="utf-8") as file:
            return json.load(file)
    except FileNotFoundError:
        return []


def store_rows(new):
    """Replaces rows of the same home and name."""
    taken = {(row["home"], row["row"]) for row in new}
    rows = [row for row in load_rows() if (row["home"], row["row"]) not in taken] + new
    os.makedirs(os.path.dirname(JSON_PATH), exist_ok=True)
    with open(JSON_PATH, "w", encoding="utf-8") as file:
        file.write("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")


class Goal(NamedTuple):
    """A limit, and what is held against it."""
    limit: float
    value: float
    measure: str = ""             # what the value is, unless it is the median
    more_is_better: bool = False

    def ratio(self):
        """1 or less: met."""
        return self.limit / self.value if self.more_is_better else self.value / self.limit

    def __str__(self):
        sign = ">=" if self.more_is_better else "<="
        return f"{sign} {shown(self.limit)} {self.measure}".rstrip()

    def verdict(self):
        if self.ratio() <= 1:
            return "ok"
        return f"misses by {abs(self.value / self.limit - 1) * 100:.0f} %"


def host_goal(row, rows) -> Goal | None:
    name, median = row["row"], row["median"]
    if name == "idle_cpu_ms":
        return Goal(IDLE_CPU_MS_GOAL, median)
    if name == "sleep_1000_ms":
        return Goal(SLEEP_1000_MS_GOAL, median)
    if name == "yield_10000":
        yields = [other["median"] for other in rows
                  if other["home"] == "host" and other["row"] == "yield"]
        return Goal(YIELD_10000_GOAL, median / yields[0], "x yield") if yields else None
    return Goal(HOST_GOALS[name], row["ratio"], "ratio") if name in HOST_GOALS else None


def goal_of(row, rows) -> Goal | None:
    home, name = row["home"], row["row"]
    if home == "host":
        return host_goal(row, rows)
    if name in PRINT_ROWS:
        peers = [other["median"] for other in rows if other["home"] == home and
                 other["row"] in (f"{name}_nano", f"{name}_newlib")]
        return Goal(min(peers), row["median"]) if peers else None
    limit = FOOTPRINT_GOALS.get(name, BOARD_GOALS.get(home, {}).get(name))
    limit = limit.get(home) if isinstance(limit, dict) else limit
    if limit is None:
        return None
    if name in JUDGED_BY_MAX:
        return Goal(limit, row["max"], "max")
    return Goal(limit, row["median"], more_is_better=name.startswith("tm_"))


def set_ratios(rows):
    """Off the host a row's ratio is to its goal."""
    for row in rows:
        goal = goal_of(row, rows)
        row["ratio"] = round(goal.ratio(), 4) if goal else None
    return rows


def shown(value):
    return "-" if value is None else f"{value:.4g}" if abs(value) < 100 else f"{value:.0f}"


def print_table(rows):
    everything = load_rows()
    print(f"{'row':30} {'home':12} {'median':>8} {'min':>8} {'max':>8}  {'unit':14} {'ratio':>7}  "
          f"{'goal':14} verdict")
    for row in rows:
        goal = goal_of(row, everything)
        verdict = goal.verdict() if goal else ""
        if goal and goal.measure == "x yield":
            verdict += f": {shown(goal.value)} x yield"  # no other column has it
        print(f"{row['row']:30} {row['home']:12} {shown(row['median']):>8} {shown(row['min']):>8} "
              f"{shown(row['max']):>8}  {row['unit']:14} {shown(row['ratio']):>7}  "
              f"{str(goal or ''):14} {verdict}".rstrip())
