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


def test_spark_agrees():
    wrong = []
    for _, sql, result in examples():
        got = parts.spark().sql(f"SELECT CAST(({sql}) AS STRING)").collect()[0][0]
        if (got if got is not None else "NULL") != result:
            wrong.append(f"{sql}: Spark gives {got}, we say {result}")
    assert not wrong, "\n".join(wrong)
