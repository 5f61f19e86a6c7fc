#!/usr/bin/env python3
"""Parquet against Spark and DuckDB as writers, and against Spark as a reader.

    check_parquet_spark.py TOOL

TOOL is the program of tests/unit/parquet/test_parquet_tool.c. Checks that
  - Spark reads the random files that TOOL writes as it says, with the types that were written;
  - TOOL reads what Spark writes, by every codec, page version and older form that it has, and finds the types of Spark's schema;
  - TOOL reads what DuckDB writes.
"""
import glob
import json
import os
import sys
import tempfile

import duckdb
import pyarrow.parquet as pq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

import check_parquet
import parts
from check_parquet import compare, dump, fail

EVERY_TYPE = """
SELECT id,
  IF(id % 7 = 3, NULL, id % 2 = 0) AS b, CAST(IF(id % 5 = 1, NULL, id % 100) AS TINYINT) AS i8, CAST(IF(id % 5 = 2, NULL, -id) AS SMALLINT) AS i16,
  CAST(id * 1000 AS INT) AS i32, CAST(IF(id % 4 = 0, NULL, id / 8) AS FLOAT) AS f32, CAST(id AS DOUBLE) / 3 AS f64,
  CAST(IF(id % 6 = 0, NULL, id - 50) AS DECIMAL(9,2)) AS d9, CAST(id AS DECIMAL(18,4)) AS d18, CAST(-id * 1.5 AS DECIMAL(38,10)) AS d38,
  IF(id % 3 = 0, NULL, concat('s', id % 10)) AS s, CAST(concat('b', id) AS BINARY) AS bin,
  date_add(DATE'1969-06-01', CAST(id * 3 AS INT)) AS day, TIMESTAMP'1969-12-31 00:00:00.123456 UTC' + id * INTERVAL '1' HOUR AS ts,
  IF(id % 4 = 3, NULL, TIMESTAMP_NTZ'2024-01-01 00:00:00' + id * INTERVAL '1' MINUTE) AS ntz,
  IF(id % 5 = 4, NULL, transform(sequence(1, CAST(id % 4 AS INT)), x -> IF(x = 2, NULL, concat('e', x)))) AS list,
  IF(id % 3 = 1, NULL, array(array(id, NULL), NULL, array())) AS deep,
  IF(id % 3 = 2, NULL, map(concat('k', id), IF(id % 2 = 0, NULL, array(named_struct('v', id, 'w', array(1.5D, NULL)))))) AS m,
  IF(id % 4 = 1, NULL, named_struct('a', IF(id % 2 = 0, NULL, id), 'n', named_struct('x', CAST(id AS STRING), 'l', array(map(1, 'one'))))) AS st,
  array(map('a', named_struct('z', IF(id % 2 = 0, NULL, DATE'2024-01-01')))) AS maps
FROM range(300)
"""
WAYS = [
    {}, *({"compression": c} for c in ("none", "snappy", "gzip", "lz4_raw", "lz4", "zstd")),
    {"parquet.writer.version": "v2", "compression": "zstd"}, {"parquet.writer.version": "v2", "compression": "none"},
    {"parquet.enable.dictionary": "false"}, {"parquet.page.size": "512", "parquet.page.row.count.limit": "20", "parquet.block.size": "20000"},
    {"parquet.enable.dictionary": "false", "parquet.writer.version": "v2"}, {"parquet.enable.bytestreamsplit": "true", "parquet.enable.dictionary": "false"},
    {"spark.sql.parquet.writeLegacyFormat": "true"}, {"spark.sql.parquet.outputTimestampType": "INT96"},
    {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MILLIS"}, {"spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS"},
]


def simple(spark_type):
    """A type's JSON without nullability and metadata, which Parquet says in its own way or not at all."""
    if isinstance(spark_type, dict):
        return {k: simple(v) for k, v in spark_type.items() if k not in ("nullable", "metadata", "containsNull", "valueContainsNull")}
    return [simple(v) for v in spark_type] if isinstance(spark_type, list) else spark_type


def schema_of(tool, path):
    return simple(json.loads(parts.run(tool, "schema", path).stdout))


def check_spark_reads_ours(tool, spark, count):
    with tempfile.TemporaryDirectory() as folder:
        parts.run(tool, "make", folder, count)
        for i in range(count):
            path = f"{folder}/{i}.parquet"
            with open(f"{folder}/{i}.json", encoding="utf-8") as lines:
                rows = [json.loads(line) for line in lines]
            try:
                frame = spark.read.parquet(path)
                if simple(json.loads(frame.schema.json())) != schema_of(tool, path):
                    fail(f"made {i}: Spark finds {frame.schema.simpleString()}")
                compare(f"made {i}", rows, frame.toArrow())
            except Exception as error:  # whatever Spark objects to is our failure
                fail(f"made {i}: Spark: {str(error)[:300]}")
    print(f"{count} files of ours: read by Spark")


def check_ours_reads_spark(tool, spark):
    with tempfile.TemporaryDirectory() as folder:
        for i, way in enumerate(WAYS):
            writer = spark.sql(EVERY_TYPE).coalesce(1).write
            for key, value in way.items():
                if key.startswith("spark."):
                    spark.conf.set(key, value)
                else:
                    writer = writer.option(key, value)
            writer.parquet(f"{folder}/{i}")
            for key in way:
                if key.startswith("spark."):
                    spark.conf.unset(key)
            path, = glob.glob(f"{folder}/{i}/*.parquet")
            frame = spark.read.parquet(path)
            status, rows = dump(tool, path)
            if status != 0:
                fail(f"Spark {way}: {rows}")
                continue
            if simple(json.loads(frame.schema.json())) != schema_of(tool, path):
                fail(f"Spark {way}: types {schema_of(tool, path)}")
            compare(f"Spark {way}", rows, pq.read_table(path))
    print(f"{len(WAYS)} ways of Spark to write: read")


def check_ours_reads_duckdb(tool, spark):
    """Values as pyarrow finds them, types as Spark does, also of types that Spark does not have."""
    duck = duckdb.connect()
    duck.execute("set timezone = 'UTC'")
    query = """select i, i::utinyint as u8, i::usmallint as u16, i::uinteger as u32, if(i % 3 = 0, null, i::double / 7) as f64, i::float as f32,
        i::decimal(4,1) as d4, i::decimal(18,3) as d18, i::decimal(38,5) as d38, 'text ' || i as s, (i % 3)::varchar as few,
        ('b' || i)::blob as bin, date '2020-01-01' + i::int as day, timestamp '2020-01-01' + to_microseconds(i) as ntz,
        timestamptz '2020-01-01 00:00:00+00' + to_minutes(i) as ts, timestamp_ms '2020-01-01' as ms, i % 2 = 0 as b, ['a', null, 'c'][:i % 4] as list,
        if(i % 4 = 0, null, [[i], null, []]) as deep, {'x': i, 'y': {'z': if(i % 2 = 0, null, 'q')}} as st, map {'k' || i: [i, null]} as m,
        if(i % 2 = 0, 'one', 'two')::enum('one', 'two') as e, '{"a": 1}'::json as j from range(250) t(i)"""
    ways = [f"compression {c}" for c in ("uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli")]
    ways += ["compression zstd, parquet_version v2", "compression uncompressed, parquet_version v2, dictionary_size_limit 1", "row_group_size 60, compression zstd"]
    with tempfile.TemporaryDirectory() as folder:
        for i, way in enumerate(ways):
            path = f"{folder}/{i}.parquet"
            duck.execute(f"copy ({query}) to '{path}' (format parquet, {way})")
            status, rows = dump(tool, path)
            if status != 0:
                fail(f"DuckDB {way}: {rows}")
                continue
            compare(f"DuckDB {way}", rows, pq.read_table(path))
            frame = spark.read.parquet(path)
            if simple(json.loads(frame.schema.json())) != schema_of(tool, path):
                fail(f"DuckDB {way}: types {schema_of(tool, path)}, Spark {frame.schema.simpleString()}")
    print(f"{len(ways)} ways of DuckDB to write: read")


def main():
    tool, spark = sys.argv[1], parts.spark()
    check_spark_reads_ours(tool, spark, 40)
    check_ours_reads_spark(tool, spark)
    check_ours_reads_duckdb(tool, spark)
    print("failures:", check_parquet.failures)
    return check_parquet.failures != 0


if __name__ == "__main__":
    sys.exit(main())
