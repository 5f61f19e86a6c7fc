"""Answers of Spark's from_json and from_csv, as tests/unit/json and tests/unit/csv read them: a case a line, each with the schema, the
options, the session's time zone and rows of [text, what to_json makes of the decoded value]. Dates and timestamps at the top are
shown as numbers, so that every value is exact; text that is no UTF-8 is {"hex": ...}."""
import json

from pyspark.sql import functions as F
from pyspark.sql import types as T


def exact(column, schema):
    """The decoded value with dates and timestamps at its top as numbers."""
    if not isinstance(schema, T.StructType):
        return column
    fields = []
    for f in schema.fields:
        c = column[f"`{f.name}`"] if "." in f.name else column.getField(f.name)
        if isinstance(f.dataType, T.DateType):
            c = F.datediff(c, F.lit("1970-01-01").cast("date"))
        elif isinstance(f.dataType, T.TimestampType):
            c = F.unix_micros(c)
        elif isinstance(f.dataType, T.TimestampNTZType):
            day = F.datediff(c.cast("date"), F.lit("1970-01-01").cast("date")).cast("bigint")
            seconds = day * 86400 + F.hour(c) * 3600 + F.minute(c) * 60
            c = seconds * 1000000 + (F.extract(F.lit("SECOND"), c) * 1000000).cast("bigint")
        fields.append(c.alias(f.name))
    return F.when(column.isNotNull(), F.struct(*fields))


def as_bytes(text):
    return bytes.fromhex(text["hex"]) if isinstance(text, dict) else text.encode() if text is not None else None


def answer(spark, function, case):
    """The case's line: `case` has case, zone, schema (DDL), options and texts."""
    spark.conf.set("spark.sql.session.timeZone", case["zone"])
    schema = T._parse_datatype_string(case["schema"])
    texts = spark.createDataFrame([(i, as_bytes(t)) for i, t in enumerate(case["texts"])], "i INT, b BINARY").repartition(1)
    decoded = function(F.expr("CAST(b AS STRING)"), schema.json() if function is F.from_json else case["schema"], case["options"])
    # A projection of its own, lest the optimizer reads only the fields that are shown.
    rows = texts.select("i", decoded.alias("v")).orderBy("i").localCheckpoint()
    zone = {"timeZone": case["zone"], "ignoreNullFields": "false"}
    shown = F.to_json(F.col("v"), zone) if not isinstance(schema, T.StructType) else F.to_json(exact(F.col("v"), schema), zone)
    answers = [r[0] for r in rows.orderBy("i").select(F.coalesce(shown, F.lit("null"))).collect()]
    head = {"case": case["case"], "zone": case["zone"], "schema": json.loads(schema.json()), "options": case["options"]}
    lines = [json.dumps([t, a], ensure_ascii=True) for t, a in zip(case["texts"], answers)]
    return json.dumps(head)[:-1] + ',"rows":[\n' + ",\n".join(lines) + "]}\n"


def record(spark, function, cases, path):
    with open(path, "w", encoding="utf-8") as f:
        for case in cases:
            f.write(answer(spark, function, case))
