#!/usr/bin/env python3
"""Builds and runs the suites of `make test`, one after another, and adds up what passed.

    test.py [SUITE…]    default: all; see SUITES below

Each suite's output is shown and kept in build/test-logs. The last line is "N passed, N failed" over all of them.
"""
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LOGS = f"{ROOT}/build/test-logs"
JOBS = os.environ.get("JOBS", str(os.cpu_count()))
# The tests of the whole program that also run under the sanitizers.
SANITIZED = ["-m", "sanitize"]


def build(preset):
    return f"cmake --preset {preset} --log-level=WARNING && cmake --build --preset {preset} -j {JOBS}"


def ctest(preset):
    return f"ctest --test-dir build/{preset} -L unit -j {JOBS} --output-on-failure --no-tests=error"


def pytest(where, *more):
    return f'. scripts/env.sh && PYTHONDONTWRITEBYTECODE=1 "$LEVADA_VENV/bin/python" -m pytest -c tests/pytest.ini {where} {" ".join(more)}'


# (passed, failed) out of the last line of a suite that says so.
def of_ctest(text):
    found = re.findall(r"(\d+) tests failed out of (\d+)", text)
    return found and (int(found[-1][1]) - int(found[-1][0]), int(found[-1][0]))


def of_pytest(text):
    last = re.findall(r"^.*\d+ (?:passed|failed|error).* in [\d.]+s.*$", text, re.M)
    count = lambda word: sum(map(int, re.findall(rf"(\d+) {word}", last[-1])))
    return last and (count("passed"), count("failed") + count("error"))


def of_scenarios(text):
    found = re.findall(r"^stream scenarios: (\d+) of (\d+)$", text, re.M)
    return found and (int(found[0][0]), int(found[0][1]) - int(found[0][0]))


def of_fuzz(text):
    found = re.findall(r"^fuzz: (\d+) of (\d+)$", text, re.M)
    return found and (int(found[-1][0]), int(found[-1][1]) - int(found[-1][0]))


def of_differential(text):
    found = re.findall(r"^differential: (\d+) of (\d+)$", text, re.M)
    return found and (int(found[-1][0]), int(found[-1][1]) - int(found[-1][0]))


def of_tidy(text):
    found = re.findall(r"^tidy: \d+ files, (\d+) problems$", text, re.M)
    return found and (int(found[-1] == "0"), int(found[-1] != "0"))


of_exit = None  # the exit status is all there is


SUITES = {
    "tidy": ("scripts/tidy.py", of_tidy),
    "unit": (build("dev") + " && " + ctest("dev"), of_ctest),
    "unit-tsan": (build("tsan") + " && " + ctest("tsan"), of_ctest),
    "differential": (build("dev") + " && build/dev/tests/test_differential tests/differential/answers/*.jsonl", of_differential),
    "scenarios": (build("release") + " && scripts/scenarios.sh", of_scenarios),
    "interop": (build("release") + " && " + build("dev") + " && " + pytest("tests/interop"), of_pytest),
    "kill": (build("release") + " && " + pytest("tests/kill"), of_pytest),
    "whole-asan": (build("dev") + " && LEVADA=$PWD/build/dev/levada && " + pytest("tests", *SANITIZED), of_pytest),
    "whole-tsan": (build("tsan") + " && LEVADA=$PWD/build/tsan/levada && " + pytest("tests", *SANITIZED), of_pytest),
    "demo": (build("release") + " && scripts/demo.sh", of_exit),
    "fuzz": (build("fuzz") + " && scripts/fuzz.sh", of_fuzz),
}


def run(name):
    """Shows and keeps the suite's output; (passed, failed, seconds)."""
    command, count = SUITES[name]
    print(f"\n==== {name}", flush=True)
    began, lines = time.time(), []
    with open(f"{LOGS}/{name}.log", "w", encoding="utf-8") as log:
        p = subprocess.Popen(["bash", "-c", command], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, errors="replace")
        for line in p.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            log.write(line)
            lines.append(line)
        status = p.wait()
    passed, failed = (int(status == 0), 0) if count is of_exit else count("".join(lines)) or (0, 0)
    if status != 0 and failed == 0 or passed + failed == 0:
        failed += 1  # it broke before it could count, or counted nothing
    return passed, failed, time.time() - began


def main():
    names = sys.argv[1:] or list(SUITES)
    for name in names:
        if name not in SUITES:
            sys.exit(f"there is no suite {name}; there are {', '.join(SUITES)}")
    os.makedirs(LOGS, exist_ok=True)
    results = {name: run(name) for name in names}
    print()
    for name, (passed, failed, seconds) in results.items():
        print(f"{name:12} {passed:5} passed {failed:3} failed {seconds:6.0f} s")
    summary = f"{sum(r[0] for r in results.values())} passed, {sum(r[1] for r in results.values())} failed"
    with open(f"{LOGS}/summary", "w", encoding="utf-8") as f:
        f.write(summary + "\n")
    print(summary)
    return 1 if any(r[1] for r in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
