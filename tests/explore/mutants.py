#!/usr/bin/env python3
"""Seeded defects: each patch of tests/explore/mutants is put into a kernel of its own, and the
explorer has to find it.

usage: mutants.py BUILD_DIRECTORY [MUTANT...], with the scenarios' objects and bin/ in it.

A patch begins with what it breaks, then 'Origin:' and 'Scenario:', the scenario that ought to show
it. When that does not, all the others are tried. The table says how many schedules each strategy
needed: exhaustive goes on with pairs when no single interrupt will do; random and pct are the
median of five seeds. '-' means that it found nothing. The last line is 'caught N of N'.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

BUILD = pathlib.Path(sys.argv[1])
PATCHES = pathlib.Path("tests/explore/mutants")
TREES = pathlib.Path("build/mutants")
SHARED = ("ports", "sim", "tests", "tools", "apps")
SEEDS = range(1, 6)
LIMIT_S = 600
NEVER = float("inf")

# A make above this one has its own wishes.
ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "TEST", "APP", "ARGS", "BOARD")}


class Mutant:
    """A patch, and the tree with the kernel that it was put into."""

    def __init__(self, patch):
        head = patch.read_text()
        self.name = patch.stem
        self.patch = patch.resolve()
        self.origin = re.search(r"^Origin: (.*)$", head, re.MULTILINE)[1]
        self.scenario = re.search(r"^Scenario: (.*)$", head, re.MULTILINE)[1]
        self.tree = TREES / self.name
        self.found = {}
        self.failure = ""

    def prepare(self):
        """A tree that shares all but the kernel; objects keep their times, so few are made anew."""
        shutil.rmtree(self.tree, ignore_errors=True)
        self.tree.mkdir(parents=True)
        shutil.copytree("kernel", self.tree / "kernel")
        shutil.copytree(BUILD, self.tree / BUILD, ignore=shutil.ignore_patterns("bin"))
        for name in SHARED:
            (self.tree / name).symlink_to(pathlib.Path(name).resolve())
        self.run_in_tree("patch", "-s", "-p1", "--fuzz=3", "--no-backup-if-mismatch",
                         "-i", str(self.patch))

    def run_in_tree(self, *command):
        done = subprocess.run(command, cwd=self.tree, env=ENVIRONMENT, capture_output=True,
                              text=True, timeout=LIMIT_S, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(command)}:\n{done.stdout}{done.stderr}")

    def explore(self, scenario, strategy, *flags):
        """The run in which a strategy found the defect; NEVER when it did not."""
        command = [str(BUILD / "bin" / scenario), "--explore", strategy, *flags]
        done = subprocess.run(command, cwd=self.tree, capture_output=True, text=True,
                              timeout=LIMIT_S, check=False)
        if done.returncode == 0:
            return NEVER
        failure = re.search(r"^FAILED: (.*)$", done.stdout, re.MULTILINE)
        if done.returncode != 1 or failure is None:
            raise RuntimeError(f"{self.name}: {' '.join(command)}: status {done.returncode}\n"
                               f"{done.stdout}{done.stderr}")
        self.failure = self.failure or failure[1]
        run = re.search(r"failure in run (\d+)", done.stdout)
        return int(run[1]) if run else 0

    def try_scenario(self, scenario):
        """True when any strategy finds the defect with it."""
        self.run_in_tree("make", "-s", "-f", "tools/mk/explore.mk", str(BUILD / "bin" / scenario))
        single = self.explore(scenario, "exhaustive")
        pairs = self.explore(scenario, "pairs") if single == NEVER else NEVER
        self.found = {"exhaustive": single, "pairs": pairs}
        for strategy in ("random", "pct"):
            self.found[strategy] = statistics.median(
                self.explore(scenario, strategy, "--seed", str(seed)) for seed in SEEDS)
        self.scenario = scenario
        return any(runs != NEVER for runs in self.found.values())

    def hunt(self):
        try:
            self.search()
        except (RuntimeError, subprocess.TimeoutExpired) as problem:
            self.scenario, self.found, self.failure = "NOT TRIED", {}, str(problem)
        return self

    def search(self):
        self.prepare()
        others = sorted(path.parent.name for path in pathlib.Path("tests/explore").glob("*/main.c")
                        if path.parent.name not in ("faulty", "lost_wakeup", self.scenario))
        caught = any(self.try_scenario(scenario) for scenario in [self.scenario, *others])
        if not caught:
            self.scenario, self.found = "NOT CAUGHT", {}
        shutil.rmtree(self.tree, ignore_errors=True)


def count_text(runs):
    return "-" if runs == NEVER else f"{runs:.0f}"


def row(mutant):
    found = mutant.found
    single, pairs = found.get("exhaustive", NEVER), found.get("pairs", NEVER)
    exhaustive = count_text(single) if single != NEVER else count_text(pairs) + " pairs"
    return (mutant.name, mutant.origin.split(":")[0], mutant.scenario,
            exhaustive if min(single, pairs) != NEVER else "-",
            count_text(found.get("random", NEVER)), count_text(found.get("pct", NEVER)),
            mutant.failure)


def main():
    wanted = sys.argv[2:]
    mutants = [Mutant(patch) for patch in sorted(PATCHES.glob("*.patch"))
               if not wanted or patch.stem in wanted]
    form = "{:<26} {:<22} {:<12} {:>12} {:>7} {:>7}  {}"
    print(form.format("mutant", "origin", "scenario", "exhaustive", "random", "pct", "failure"))
    caught = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for mutant in pool.map(Mutant.hunt, mutants):
            caught += any(runs != NEVER for runs in mutant.found.values())
            print(form.format(*row(mutant)), flush=True)
    print(f"caught {caught} of {len(mutants)}")
    sys.exit(0 if caught == len(mutants) and mutants else 1)


main()
