"""Real Spark gives what tests/golden/spark/*.txt say it gives; test_spark_answers.c asks Levada the same.

A file is "> query", then the columns as "name: type[ NOT NULL]; ...", then a row a line, each value cast to STRING and
"|" between them; or "! CLASS" for a query that fails. In a file that begins with "# types only" nullability is left out. To write the answers of new queries:
python tests/interop/test_spark_answers.py FILE... (what is in it already is asked anew).
"""
import glob
import sys

import pytest

import parts

TYPES_ONLY = "# types only\n"
FILES = sorted(glob.glob(f"{parts.ROOT}/tests/golden/spark/*.txt"))


def queries(path):
    """(query, answer) of each query of a file."""
    found = []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("> "):
                found.append((line[2:], []))
            elif found and line:
                found[-1][1].append(line)
    return found


def types_only(path):
    with open(path, encoding="utf-8") as file:
        return file.readline() == TYPES_ONLY


def ask(sql, nullability=True):
    """The lines that answer a query."""
    from pyspark.errors import PySparkException
    from pyspark.sql.functions import col
    try:
        frame = parts.spark().sql(sql)
        names = [f"c{i}" for i in range(len(frame.columns))]
        rows = frame.toDF(*names).select(*[col(n).cast("string") for n in names]).collect()
    except PySparkException as error:
        return [f"! {error.getCondition()}"]
    columns = (f"{f.name}: {f.dataType.simpleString()}{'' if f.nullable or not nullability else ' NOT NULL'}"
               for f in frame.schema.fields)
    return ["; ".join(columns)] + ["|".join("NULL" if v is None else v for v in row) for row in rows]


@pytest.mark.parametrize("path", FILES)
def test_spark_agrees(path):
    wrong = []
    for sql, answer in queries(path):
        got = [line for line in ask(sql, not types_only(path)) if line]
        if got != answer:
            wrong.append(f"{sql}: Spark gives {got}, the file says {answer}")
    assert not wrong, "\n".join(wrong)


def write(path):
    """Asks a file's queries and puts the answers in."""
    bare = types_only(path)
    answers = [(sql, ask(sql, not bare)) for sql, _ in queries(path)]
    with open(path, "w", encoding="utf-8") as file:
        file.write(TYPES_ONLY if bare else "")
        for sql, answer in answers:
            file.write(f"> {sql}\n" + "".join(f"{line}\n" for line in answer))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(name)
