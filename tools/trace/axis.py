"""The axis of time of a timeline."""
import re

UNITS = {"us": 10**3, "ms": 10**6, "s": 10**9, "": 10**9, "min": 60 * 10**9}


def nice_step(range_ns):
    """A step of 1, 2 or 5 times a power of ten that cuts the range into 4 to 10 parts."""
    step = 1
    for factor in [2, 2.5, 2] * 20:
        if range_ns / step <= 10:
            break
        step = int(step * factor)
    return step


def time_text(ns, step):
    for unit, size in (("s", 10**9), ("ms", 10**6), ("us", 10**3)):
        if step >= size or (unit == "s" and step >= 10**8):
            return f"{ns / size:.12g} {unit}"
    return f"{ns} ns"


def duration_ns(text):
    """A time as --until takes it: 20ms, 500us, 1.5s or 2min; None when it is none."""
    found = re.fullmatch(r"(\d+\.?\d*|\.\d+)(us|ms|s|min|)", text)
    return round(float(found[1]) * UNITS[found[2]]) if found else None
