"""Asks Spark for its answers: answers/<suite>.jsonl, one line each.

    record.py [--all] [SUITE…]      default: all suites; answers that are there are kept unless --all

    ["!", statement]                              prepares what follows
    [statement, class]                            fails in analysis
    [statement, [name, type, …], class]           fails when it runs
    [statement, [name, type, …], [cell, …], …]    its rows, as CAST to STRING prints them; BINARY in hexadecimal
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, f"{HERE}/../lib"]

import generate  # noqa: E402
import parts  # noqa: E402


def error_class(error):
    found = getattr(error, "getCondition", lambda: None)()
    return found or f"?{type(error).__name__}"


def text_of(column, kind):
    from pyspark.sql import functions as F
    return F.hex(column) if kind == "binary" else F.col(column).cast("string")


def ask(spark, statement):
    try:
        frame = spark.sql(statement)
        fields = frame.schema.fields
    except Exception as e:
        return [statement, error_class(e)]
    header = [word for f in fields for word in (f.name, f.dataType.simpleString())]
    try:
        frame = frame.toDF(*(f"c{i}" for i in range(len(fields))))
        rows = frame.select(*(text_of(f"c{i}", f.dataType.simpleString()) for i, f in enumerate(fields))).collect()
    except Exception as e:
        return [statement, header, error_class(e)]
    return [statement, header, *map(list, rows)]


def walk(statements):
    """(key, statement) of each statement once; the key says what was prepared before it too."""
    prepared, asked = {}, set()
    for statement in statements:
        if statement.startswith("!"):  # a later SET or view of the same name takes the place of the earlier one
            prepared[" ".join(statement.split("=")[0].split()[:7])] = statement
            asked = set()
            yield None, statement
        elif statement not in asked:
            asked.add(statement)
            yield (*sorted(prepared.values()), statement), statement


def recorded(name):
    try:
        with open(f"{HERE}/answers/{name}.jsonl", encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
    except FileNotFoundError:
        return {}
    keys = walk([f"!{a[1]}" if a[0] == "!" else a[0] for a in lines])
    return {key: answer for (key, _), answer in zip(keys, lines) if key}


def record(name, statements, again):
    known = {} if again else recorded(name)
    spark = parts.spark().newSession()
    spark.sql("SET spark.sql.session.timeZone = UTC")
    spark.sparkContext.setLogLevel("OFF")
    with open(f"{HERE}/answers/{name}.jsonl.new", "w", encoding="utf-8") as out:
        for key, statement in walk(statements):
            if key is None:
                spark.sql(statement[1:])
                answer = ["!", statement[1:]]
            else:
                answer = known.get(key) or ask(spark, statement)
            out.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n")
    os.rename(f"{HERE}/answers/{name}.jsonl.new", f"{HERE}/answers/{name}.jsonl")


if __name__ == "__main__":
    made = generate.suites()
    names = [a for a in sys.argv[1:] if a != "--all"]
    for suite in names or made:
        record(suite, made[suite], "--all" in sys.argv)
        print(suite, flush=True)
