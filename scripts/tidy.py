#!/usr/bin/env python3
"""The rules of STYLE.md that a script can check; fast enough to run at every build.

    tidy.py [FILE…]     the whole tree without arguments; exit 1 if a rule is broken

Checked: includes against scripts/layers.txt, edges there that nobody needs, private headers, lengths of files, functions and lines, banned
functions, TODO without an issue, unique file names, trailing blanks, paths of somebody's machine.
A function may be longer than 70 lines if `/* dispatch */` stands on its first line: a switch or a table, nothing else.
"""
import collections
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FILE_LINES, FUNCTION_LINES, COLUMNS = 1000, 70, 120
BANNED = {
    "strcpy": "memcpy or lv_sbuf", "strcat": "lv_sbuf", "sprintf": "snprintf or lv_sbuf", "vsprintf": "vsnprintf", "strtok": "lv_str_split",
    "gmtime": "gmtime_r or base/datetime.h", "localtime": "base/timezone.h", "atoi": "lv_str_to_i64", "atol": "lv_str_to_i64",
    "atof": "base/double.h", "strerror": "strerror_r or lv_error", "gets": "fgets", "alloca": "an arena", "rand": "os/os.h", "srand": "os/os.h",
}
BANNED_CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
LOOSE_END = re.compile(r"\b(?:TODO|FIXME)\b(?!\(#\d+\))")
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|home|root|Users)/[\w.]")
# A comment, a string or a character; group 1 is a comment.
NOT_CODE = re.compile(r'(/\*.*?\*/|//[^\n]*)|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)

problems = []
used_edges = set()


def report(path, line, text):
    problems.append(f"{path}:{line}: {text}")


def read_layers():
    """{module: row, 0 the lowest} and {(from, module or header)}."""
    rows, edges = [], set()
    with open(f"{ROOT}/scripts/layers.txt", encoding="utf-8") as f:
        for line in f:
            line = line.split("#")[0].strip()
            if "->" in line:
                edges.add(tuple(part.strip() for part in line.split("->")))
            elif line:
                rows.append(line.split())
    return {m: i for i, row in enumerate(reversed(rows)) for m in row}, edges


def blank(match):
    """What stands in the place of a comment or a string: as many lines, no words."""
    return "\n" * match.group(0).count("\n") if match.group(1) else '""'


def check_include(path, number, included, layers, edges):
    module = path.split("/")[1]
    target, _, name = included.partition("/")
    if not name or target not in layers:
        return  # a private neighbour without its folder, or a library's
    if target == module:
        return
    if name.endswith("_int.h"):
        report(path, number, f"{included} is private to {target}")
    elif layers[target] == layers[module]:
        used_edges.update({(module, target), (module, included)} & edges)
        if (module, target) not in edges and (module, included) not in edges:
            report(path, number, f"{module} and {target} are in one row and scripts/layers.txt has no edge {module} -> {included}")
    elif layers[target] > layers[module]:
        report(path, number, f"{included} points up from {module}")


def check_functions(path, lines):
    """A function's body is what stands between { and } in column one."""
    start = None
    for i, line in enumerate(lines):
        if line.rstrip() == "{":
            start = i
        elif line.startswith("}") and start is not None:
            first = start
            while first > 0 and lines[first - 1].strip() and not lines[first - 1].startswith(("}", "#")) and not lines[first - 1].rstrip().endswith(("*/", ";")):
                first -= 1
            head = "".join(lines[max(0, first - 1):start + 2])
            if i - start - 1 > FUNCTION_LINES and "/* dispatch */" not in head:
                report(path, first + 1, f"function of {i - start - 1} lines; at most {FUNCTION_LINES}")
            start = None


def check_code(path, text, lines, layers, edges):
    if len(lines) > FILE_LINES:
        report(path, 1, f"{len(lines)} lines; at most {FILE_LINES}")
    check_functions(path, lines)
    for number, line in enumerate(lines, 1):
        if len(line.rstrip("\n")) > COLUMNS:
            report(path, number, f"{len(line) - 1} columns; at most {COLUMNS}")
        match = INCLUDE.match(line)
        if match and path.startswith("src/"):
            check_include(path, number, match.group(1), layers, edges)
    for number, line in enumerate(NOT_CODE.sub(blank, text).split("\n"), 1):
        for match in BANNED_CALL.finditer(line):
            report(path, number, f"{match.group(1)} is banned; use {BANNED[match.group(1)]}")


def check_text(path, lines):
    for number, line in enumerate(lines, 1):
        if LOOSE_END.search(line) and path != "scripts/tidy.py" and not path.endswith(".md"):
            report(path, number, "a loose end without its issue: TODO(#N)")
        if MACHINE_PATH.search(line):
            report(path, number, "a path of somebody's machine")
        if line.rstrip("\n") != line.rstrip("\n").rstrip(" \t") and not path.endswith(".md"):
            report(path, number, "blanks at the end")


def tree():
    out = subprocess.run(["git", "-C", ROOT, "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    if out.returncode == 0:
        return sorted(set(out.stdout.splitlines()))
    return sorted(os.path.relpath(os.path.join(d, f), ROOT) for d, _, fs in os.walk(ROOT) for f in fs if "/.cache" not in d and "/build" not in d)


def check_names(paths):
    seen = collections.defaultdict(list)
    for path in paths:
        if path.startswith(("src/", "tests/")) and path.endswith((".c", ".h", ".def", ".y")):
            seen[os.path.basename(path)].append(path)
    for twins in seen.values():
        if len(twins) > 1:
            report(twins[1], 1, f"there is a {twins[0]} already: file names are unique")


def check_modules(paths, layers):
    for module in sorted({p.split("/")[1] for p in paths if p.startswith("src/") and p.count("/") >= 2}):
        if module not in layers:
            report(f"src/{module}", 1, "the module is not in scripts/layers.txt")


def main():
    layers, edges = read_layers()
    everything = tree()
    paths = [os.path.relpath(os.path.abspath(p), ROOT) for p in sys.argv[1:]] or everything
    checked = 0
    for path in paths:
        data = path.startswith(("tests/fuzz/corpus/", "tests/golden/", "testdata/", "tests/scenarios/cases/"))
        if data or not os.path.isfile(f"{ROOT}/{path}"):
            continue
        try:
            with open(f"{ROOT}/{path}", encoding="utf-8") as f:
                text = f.read()
        except UnicodeDecodeError:
            continue
        checked += 1
        lines = text.splitlines(keepends=True)
        check_text(path, lines)
        if path.endswith((".c", ".h")) and not path.startswith("third_party/"):
            check_code(path, text, lines, layers, edges)
    check_names(everything)
    check_modules(everything, layers)
    for edge in sorted(edges - used_edges) if not sys.argv[1:] else []:
        report("scripts/layers.txt", 1, f"nobody needs the edge {' -> '.join(edge)}")
    print(*problems, sep="\n", end="\n" if problems else "")
    print(f"tidy: {checked} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
