"""Files as relations, once and as a stream: the same folders read by Spark and by us give the same rows, and a stream's checkpoint moves."""
import json
import os
import random
import re
import signal
import subprocess
import time

import deltalake
import pytest

import parts


def option_text(value):
    return str(value).lower() if isinstance(value, bool) else "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"


def read_levada(path, format, **options):
    """Column names, types and rows, or the error's class."""
    words = ", ".join([f"'{path}'", f"format => '{format}'", *(f"{k} => {option_text(v)}" for k, v in options.items())])
    p = parts.run(parts.binary(), "sql", f"SELECT * FROM read_files({words})", "--output", "json", check=False)
    out = [json.loads(line) for line in (p.stdout + p.stderr).splitlines() if line.startswith("{") and "error" in line[:12]]
    if p.returncode != 0:
        return out[0]["error"]["errorClass"] if out else p.stderr
    q = parts.levada("sql", f"SELECT * FROM read_files({words})", "--output", "jsonl")
    return sorted((json.loads(line) for line in q.stdout.splitlines()), key=lambda r: json.dumps(r, sort_keys=True))


def read_spark(path, format, schema=None, **options):
    reader = parts.spark().read.format(format)
    if schema:
        reader = reader.schema(schema)
    for k, v in options.items():
        reader = reader.option(k, option_text(v).strip("'").replace("\\\\", "\\") if isinstance(v, bool) else v)
    try:
        frame = reader.load(str(path))
        rows = [json.loads(line) for line in frame.selectExpr("to_json(struct(*), map('ignoreNullFields', 'false')) AS j").toPandas()["j"]]
    except Exception as e:
        found = re.search(r"\[([A-Z_]+(\.[A-Z_]+)?)\]", str(e))
        return found.group(1) if found else str(e)
    return sorted(rows, key=lambda r: json.dumps(r, sort_keys=True))


def types_levada(path, format, **options):
    words = ", ".join([f"'{path}'", f"format => '{format}'", *(f"{k} => {option_text(v)}" for k, v in options.items())])
    out = parts.levada("sql", f"SELECT typeof(struct(*)) AS t FROM read_files({words}) LIMIT 1", "--output", "jsonl").stdout
    return json.loads(out)["t"] if out else None


def types_spark(path, format, schema=None, **options):
    reader = parts.spark().read.format(format).options(**{k: str(v) for k, v in options.items()})
    return (reader.schema(schema) if schema else reader).load(str(path)).schema.simpleString()


JSON = '{"a":1,"b":"x"}\n\n  \n{"a":2.5,"c":{"d":[1,null,2]}}\n{"a":null,"b":"ü\\u00e9"}\n'
ODD = '{"a":1}\nnull\n[{"a":2},{"a":3}]\n[]\n[1,2]\n5\n"x"\n{"a":bad}\n{"a":4} trailing\n{"a":5}{"a":6}\n{"a":"x"}\n[{"a":7},8]\n{"b":1}\n'
CSV = 'id,name,when,n\n1,"a, ""b""",2024-01-01,1.5\n2,,2024-02-30,x\n3,"  c ",2024-03-01T10:00:00,\n4\n5,e,2024-01-05,2,extra\n\n"6",f,,7\n'
CASES = [
    ("json", {"a.json": JSON}, {}),
    ("json", {"a.json": ODD}, {}),
    ("json", {"a.json": ODD}, {"schema": "a INT, _corrupt_record STRING"}),
    ("json", {"a.json": ODD}, {"schema": "a INT, b STRING", "mode": "DROPMALFORMED"}),
    ("json", {"a.json": ODD}, {"schema": "a INT", "mode": "FAILFAST"}),
    ("json", {"a.json": '[{"a":\n1},{"a":2}]', "b.json": '{"a":\n3}'}, {"multiLine": True}),
    ("json", {"a.json": '{"a":"2024-01-01T10:00:00Z","b":1.5}'}, {"inferTimestamp": True, "prefersDecimal": True}),
    ("json", {"a.json": '{"a":1,"b":[1]}'}, {"primitivesAsString": True}),
    ("json", {"a.json": '{"a":null,"b":1}'}, {"dropFieldIfAllNull": True}),
    ("json", {"k=1/a.json": '{"a":1}', "k=2/a.json": '{"a":2}'}, {}),
    ("json", {"k=1/a.json": '{"a":1}', "k=x/a.json": '{"a":2}'}, {}),
    ("json", {"k=2024-01-01/j=1.5/a.json": '{"a":1}', "k=2024-01-02/j=2/a.json": '{"a":2}'}, {}),
    ("json", {"k=1/a.json": '{"a":1}', "x/a.json": '{"a":2}'}, {"recursiveFileLookup": True}),
    ("json", {"a.json": '{"a":1}', "b.txt": '{"a":2}', "_c.json": '{"a":3}'}, {"pathGlobFilter": "*.json"}),
    ("json", {"a.json": '{"a":1,"A":2}'}, {}),
    ("csv", {"a.csv": CSV}, {}),
    ("csv", {"a.csv": CSV}, {"header": True}),
    ("csv", {"a.csv": CSV}, {"header": True, "inferSchema": True}),
    ("csv", {"a.csv": CSV}, {"header": True, "schema": "id INT, name STRING, when DATE, n DOUBLE"}),
    ("csv", {"a.csv": CSV}, {"header": True, "schema": "id INT, name STRING, when DATE, n DOUBLE, _corrupt_record STRING"}),
    ("csv", {"a.csv": CSV}, {"header": True, "schema": "id INT, name STRING, when DATE, n DOUBLE", "mode": "DROPMALFORMED"}),
    ("csv", {"a.csv": CSV}, {"header": True, "schema": "id INT, name STRING, when DATE, n DOUBLE", "mode": "FAILFAST"}),
    ("csv", {"a.csv": 'x;y\n"a\nb";2\n3;4\n'}, {"sep": ";", "header": True, "multiLine": True, "inferSchema": True}),
    ("csv", {"a.csv": "a,a,,b\n1,2,3,4\n", "b.csv": "1,2,3,4\n"}, {"header": True}),
    ("csv", {"a.csv": "1,true,9999999999,99999999999999999999,2024-01-01,NaN\n"}, {"inferSchema": True}),
    ("text", {"a.txt": "x\r\ny\rz\n\n", "b.txt": "", "k": "l"}, {}),
    ("json", {"a.json": ""}, {"schema": "a INT"}),
    ("parquet", {"a.parquet": "no parquet"}, {}),
]


@pytest.mark.parametrize("format, files, options", CASES, ids=[f"{i}-{c[0]}" for i, c in enumerate(CASES)])
def test_same_rows(tmp_path, format, files, options):
    for name, text in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    want, got = read_spark(tmp_path / "in", format, **options), read_levada(tmp_path / "in", format, **options)
    assert got == want
    if isinstance(want, list) and want:
        assert types_levada(tmp_path / "in", format, **options) == types_spark(tmp_path / "in", format, **options)


ALL_TYPES = """
SELECT id, id % 2 = 0 AS b, CAST(id % 100 AS TINYINT) AS t, CAST(id AS SMALLINT) AS s, CAST(id AS INT) AS i, CAST(id / 7 AS FLOAT) AS f, id / 3D AS d,
       CAST(id AS DECIMAL(7,2)) AS d1, CAST(id AS DECIMAL(18,4)) AS d2, CAST(id AS DECIMAL(38,10)) AS d3, CAST(id AS STRING) AS str,
       CAST(CAST(id AS STRING) AS BINARY) AS bin, date_add(DATE'2024-01-01', CAST(id AS INT)) AS day,
       timestamp_micros(id * 1001000) AS ts, CAST(timestamp_micros(id * 1001000) AS TIMESTAMP_NTZ) AS ntz,
       IF(id % 3 = 0, NULL, array(id, NULL, id + 1)) AS a, map(id, CAST(id AS STRING)) AS m, named_struct('x', id, 'y', array(named_struct('z', id))) AS st,
       IF(id % 2 = 0, NULL, id) AS n
FROM range(0, 1000, 1, 3)"""


@pytest.mark.parametrize("codec", ["snappy", "zstd", "none"])
def test_parquet_of_spark(tmp_path, codec):
    path = tmp_path / "all"
    parts.spark().sql(ALL_TYPES).write.option("compression", codec).partitionBy("t").parquet(str(tmp_path / "parted")) if codec == "none" else None
    parts.spark().sql(ALL_TYPES).write.option("compression", codec).parquet(str(path))
    for folder in ([path, tmp_path / "parted"] if codec == "none" else [path]):
        assert read_levada(folder, "parquet") == read_spark(folder, "parquet")
        assert types_levada(folder, "parquet") == types_spark(folder, "parquet")


def test_parquet_merges_schemas(tmp_path):
    s = parts.spark()
    s.sql("SELECT 1 AS a, named_struct('x', 1) AS s").write.parquet(f"{tmp_path}/in/k=1")
    s.sql("SELECT 2 AS a, 1.5D AS c, named_struct('y', 'z') AS s").write.parquet(f"{tmp_path}/in/k=2")
    for options in ({}, {"mergeSchema": True}, {"schema": "A BIGINT, c DOUBLE, z STRING"}):
        assert read_levada(tmp_path / "in", "parquet", **options) == read_spark(tmp_path / "in", "parquet", **options)


# ---- streams ----------------------------------------------------------------------------------------

PIPELINE = """
CREATE OR REFRESH STREAMING TABLE t AS SELECT a, b, k FROM STREAM read_files('${in}', format => 'json', schema => 'a INT, b STRING', maxFilesPerTrigger => 2);
"""


def run_levada(tmp_path):
    (tmp_path / "p.sql").write_text(PIPELINE)
    parts.run_pipeline(tmp_path / "p.sql", tmp_path, **{"in": tmp_path / "in"})


def run_spark(tmp_path):
    frame = parts.spark().readStream.format("json").schema("a INT, b STRING").option("maxFilesPerTrigger", 2).load(f"{tmp_path}/in")
    query = (frame.select("a", "b", "k").writeStream.format("delta").option("checkpointLocation", f"{tmp_path}/checkpoints/t")
             .trigger(availableNow=True).start(f"{tmp_path}/tables/t"))
    query.awaitTermination()


def arrive(tmp_path, first, count):
    """Files with names that need escapes, each with one row."""
    for i in range(first, first + count):
        folder = tmp_path / "in" / f"k={i % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f ü%{i}.json").write_text(json.dumps({"a": i, "b": f"x{i}"}))


def rows(tmp_path):
    return sorted(deltalake.DeltaTable(str(tmp_path / "tables" / "t")).to_pyarrow_table().column("a").to_pylist())


@pytest.mark.parametrize("first, second", [(run_spark, run_levada), (run_levada, run_spark)], ids=["spark-first", "levada-first"])
def test_stream_moves(tmp_path, first, second):
    total = 0
    for engine in (first, second, first, second):
        arrive(tmp_path, total, 7)
        total += 7
        engine(tmp_path)
        assert rows(tmp_path) == list(range(total))
    second(tmp_path)
    first(tmp_path)
    assert rows(tmp_path) == list(range(total))
    log = [f for f in os.listdir(tmp_path / "checkpoints/t/sources/0") if not f.startswith(".")]
    assert {"9.compact", "15"} <= set(log) and "9" not in log


def test_stream_log_has_the_same_bytes(tmp_path):
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    arrive(tmp_path, 0, 25)
    for folder, engine in ((ours, run_levada), (theirs, run_spark)):
        folder.mkdir()
        os.symlink(tmp_path / "in", folder / "in")
        engine(folder)
    for name in [str(i) if i != 9 else "9.compact" for i in range(12)]:
        mine, other = ((d / "checkpoints/t/sources/0" / name).read_text().replace(f"/{d.name}/", "/x/").split("\n") for d in (ours, theirs))
        assert mine[0] == other[0] == "v1"
        # Files of one millisecond come in any order, so which batch has which may differ.
        assert [re.sub(r'"path":"[^"]*"', "", line) for line in mine] == [re.sub(r'"path":"[^"]*"', "", line) for line in other]
    paths = [{json.loads(line)["path"].replace(f"/{d.name}/", "/x/") for line in (d / "checkpoints/t/sources/0/9.compact").read_text().split("\n")[1:]}
             for d in (ours, theirs)]
    assert len(paths[0]) == len(paths[1]) == 20
    offsets = [(d / "checkpoints/t/offsets/3").read_text().split("\n")[2] for d in (ours, theirs)]
    assert offsets[0] == offsets[1] == '{"logOffset":3}'


POINTS = ["files.before_log", "files.after_log", "stream.before_offsets", "stream.after_offsets", "stream.after_table", "stream.after_commit"]


@pytest.mark.sanitize
def test_stream_survives_kills(tmp_path):
    """Killed at every point of a batch, and at random moments, while files keep coming: every row once."""
    rng = random.Random(7)
    (tmp_path / "p.sql").write_text(PIPELINE)
    total = 0
    for i in range(18):
        arrive(tmp_path, total, 5)
        total += 5
        env = {**os.environ, "LEVADA_FAULT": f"{POINTS[i % len(POINTS)]}:{rng.randint(1, 3)}"} if i % 3 else os.environ
        process = parts.spawn(parts.binary(), "run", "--storage", tmp_path, "--param", f"in={tmp_path}/in", "--available-now", tmp_path / "p.sql",
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
        if i % 3 == 0:
            time.sleep(rng.random() * 0.1)
            parts.end(process, signal.SIGKILL)
        process.wait(60)
    run_levada(tmp_path)
    assert rows(tmp_path) == list(range(total))


INFERRED = "CREATE OR REFRESH STREAMING TABLE t AS SELECT * FROM STREAM read_files('${in}', format => 'json');"


def test_stream_keeps_its_inferred_schema(tmp_path):
    (tmp_path / "p.sql").write_text(INFERRED)
    arrive(tmp_path, 0, 3)
    for start in range(3):
        parts.run_pipeline(tmp_path / "p.sql", tmp_path, **{"in": tmp_path / "in"})
        (tmp_path / "in" / "k=0" / f"wider{start}.json").write_text('{"a":1.5,"b":"y","new":1}')
    table = deltalake.DeltaTable(str(tmp_path / "tables" / "t")).to_pyarrow_table()
    assert table.column_names == ["a", "b", "k"] and str(table.schema.field("a").type) == "int64" and table.num_rows == 5
    run_spark(tmp_path)  # it reads what came last, and does not mind the schema's file
    assert deltalake.DeltaTable(str(tmp_path / "tables" / "t")).to_pyarrow_table().num_rows == 6
