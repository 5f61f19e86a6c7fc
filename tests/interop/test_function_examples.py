"""Real Spark agrees with every example of docs/functions.md (src/compute/examples.def)."""
import ast
import re

import parts

EXAMPLES = f"{parts.ROOT}/src/compute/examples.def"


def examples():
    """(function, SQL, result) of each line of examples.def; its C strings read as Python's do."""
    line = re.compile(r'^X\(("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*"), ("(?:[^"\\]|\\.)*")\)$')
    found = []
    with open(EXAMPLES, encoding="utf-8") as file:
        lines = file.read().splitlines()
    for text in lines:
        if text.startswith("X("):
            match = line.match(text)
            assert match, f"not understood: {text}"
            found.append(tuple(ast.literal_eval(part) for part in match.groups()))
    return found


def generators():
    with open(f"{parts.ROOT}/src/compute/functions.def", encoding="utf-8") as file:
        return set(re.findall(r'^X\("(\w+)", .*LV_FN_GENERATOR', file.read(), re.MULTILINE))


def give(function, sql, of_rows):
    """What Spark gives, in the form of examples.def."""
    if function not in of_rows:
        got = parts.spark().sql(f"SELECT CAST(({sql}) AS STRING)").collect()[0][0]
        return got if got is not None else "NULL"
    rows = parts.spark().sql(f"SELECT {sql}").collect()
    return "; ".join("|".join("NULL" if v is None else str(v) for v in row) for row in rows)


def test_spark_agrees():
    wrong = []
    of_rows = generators()
    for function, sql, result in examples():
        got = give(function, sql, of_rows)
        if got != result:
            wrong.append(f"{sql}: Spark gives {got}, we say {result}")
    assert not wrong, "\n".join(wrong)
