"""The example's table: the same rows as its PySpark twin gives, read by everyone, continued by everyone."""
import datetime
import json
import os
import sys

import deltalake
import pyarrow as pa
import pytest

import parts

sys.path.insert(0, f"{parts.ROOT}/examples/sensors")
EXAMPLE = f"{parts.ROOT}/examples/sensors/sensors.sql"
COLUMNS = ["deviceId", "temperature", "humidity", "pressure", "timestamp", "eventHubTimestamp"]
EVENTS = dict(rate=0, devices=40, late=0.02, bad=0.02, duplicate=0.01)


def run_example(address, topic, storage, *flags):
    return parts.run_pipeline(EXAMPLE, storage, *flags, bootstrapServers=address, topic=topic)


def run_twin(address, topic, storage):
    import sensors
    query = sensors.start(parts.spark(), address, topic, str(storage), availableNow=True)
    query.awaitTermination()


def table_of(storage):
    return os.path.join(storage, "tables", "sensor_data")


def extra_rows(number):
    """Rows that another writer appends."""
    at = datetime.datetime(2025, 7, 1, 12, 0, 0, 123456, tzinfo=datetime.timezone.utc)
    return pa.table({
        "deviceId": [f"other-{number}-{i}" for i in range(50)], "temperature": [i / 7 if i % 5 else None for i in range(50)],
        "humidity": [float(i) for i in range(50)], "pressure": [1000.25] * 50,
        "timestamp": pa.array([at + datetime.timedelta(seconds=i) for i in range(50)], pa.timestamp("us", "UTC")),
        "eventHubTimestamp": pa.array([at] * 50, pa.timestamp("us", "UTC"))})


@pytest.fixture(params=["hub", "kafka"])
def server(request):
    return request.getfixturevalue(request.param)


def test_same_rows_as_the_twin(server, topic, tmp_path):
    """One topic, two engines, one table: names, types, order of columns, and every row; bad events included."""
    parts.create_topic(server.address, topic, 8)
    parts.generate(f"{server.address}/{topic}", count=20000, seed=3, **EVENTS)
    run_example(server.address, topic, tmp_path / "levada")
    run_twin(server.address, topic, tmp_path / "spark")
    ours, theirs = (parts.read_delta_rs(table_of(tmp_path / who)) for who in ("levada", "spark"))
    assert len(theirs) == 20001
    parts.assert_same(theirs, ours, "Levada's table against the PySpark twin's")
    schemas = [json.loads(deltalake.DeltaTable(table_of(tmp_path / who)).schema().to_json()) for who in ("levada", "spark")]
    assert schemas[0] == schemas[1]
    assert [f["name"] for f in schemas[0]["fields"]] == COLUMNS
    parts.assert_same(theirs, parts.read_everywhere(table_of(tmp_path / "levada")), "everyone")
    parts.assert_same(theirs, parts.read_levada(table_of(tmp_path / "spark")), "Spark's table read by Levada")


def test_others_append_and_we_go_on(kafka, topic, tmp_path):
    table = table_of(tmp_path)
    parts.create_topic(kafka.address, topic, 4)
    parts.generate(f"{kafka.address}/{topic}", count=5000, seed=1, **EVENTS)
    run_example(kafka.address, topic, tmp_path)
    assert len(parts.read_everywhere(table)) == 1 + 5000
    parts.spark().createDataFrame(extra_rows(1).to_pandas()).select(*COLUMNS).write.format("delta").mode("append").save(table)
    assert len(parts.read_everywhere(table)) == 1 + 5050
    parts.generate(f"{kafka.address}/{topic}", count=3000, seed=2, **EVENTS)
    run_example(kafka.address, topic, tmp_path)
    deltalake.write_deltalake(table, extra_rows(2), mode="append")
    assert len(parts.read_everywhere(table)) == 1 + 8100
    parts.generate(f"{kafka.address}/{topic}", count=2000, seed=4, **EVENTS)
    run_example(kafka.address, topic, tmp_path)
    rows = parts.read_everywhere(table)
    assert len(rows) == 1 + 10100
    assert sum("other-" in str(r[rows[0].index("deviceId")]) for r in rows[1:]) == 100
    # A fresh reading of the whole topic is what is there, but for the others' rows.
    run_example(kafka.address, topic, tmp_path / "again")
    own = [r for r in rows if "other-" not in str(r[rows[0].index("deviceId")])]
    parts.assert_same(parts.read_delta_rs(table_of(tmp_path / "again")), own, "the table without the others' rows")


def test_checkpoints_of_others(hub, topic, tmp_path):
    """Enough commits that we write Delta checkpoints; readers start from them; others' checkpoints are read by us."""
    table = table_of(tmp_path)
    parts.create_topic(hub.address, topic, 2)
    for i in range(13):
        parts.generate(f"{hub.address}/{topic}", count=100, seed=i, **EVENTS)
        run_example(hub.address, topic, tmp_path)
    log = os.path.join(table, "_delta_log")
    assert os.path.exists(f"{log}/_last_checkpoint"), sorted(os.listdir(log))
    version = json.load(open(f"{log}/_last_checkpoint"))["version"]
    rows = parts.read_everywhere(table)
    assert len(rows) == 1301
    for i in range(version):  # what the checkpoint holds must not be needed
        os.remove(f"{log}/{i:020}.json")
    parts.assert_same(rows, parts.read_everywhere(table), "the table from its checkpoint on")
    deltalake.DeltaTable(table).create_checkpoint()
    parts.generate(f"{hub.address}/{topic}", count=100, seed=99, **EVENTS)
    run_example(hub.address, topic, tmp_path)
    assert len(parts.read_everywhere(table)) == 1401


@pytest.mark.sanitize
def test_statistics_hold(hub, topic, tmp_path):
    """Every file says how many rows it has and bounds that are true, so that readers may skip files."""
    parts.create_topic(hub.address, topic, 4)
    for seed in range(3):
        parts.generate(f"{hub.address}/{topic}", count=2000, seed=seed, **EVENTS)
        run_example(hub.address, topic, tmp_path)
    table = deltalake.DeltaTable(table_of(tmp_path))
    import pyarrow.parquet as pq
    actions = pa.table(table.get_add_actions(flatten=True)).to_pylist()
    assert len(actions) >= 3
    for add in actions:
        data = pq.ParquetFile(os.path.join(table_of(tmp_path), add["path"]), page_checksum_verification=True).read()
        assert add["num_records"] == data.num_rows and add["size_bytes"] == os.path.getsize(os.path.join(table_of(tmp_path), add["path"]))
        for name in ("deviceId", "temperature", "humidity", "pressure"):
            values = [v for v in data.column(name).to_pylist() if v is not None]
            assert add[f"null_count.{name}"] == data.num_rows - len(values)
            assert add[f"min.{name}"] <= min(values) and max(values) <= add[f"max.{name}"]
    some = parts.spark().read.format("delta").load(table_of(tmp_path)).createOrReplaceTempView("t")
    half = parts.spark().sql("SELECT count(*) FROM t WHERE temperature > 20").first()[0]
    assert half == sum(1 for t in table.to_pyarrow_dataset().to_table().column("temperature").to_pylist() if t is not None and t > 20) > 0


@pytest.mark.sanitize
def test_sql_answers(hub, topic, tmp_path):
    """`levada sql` against DuckDB on the same table."""
    import duckdb
    parts.create_topic(hub.address, topic, 4)
    parts.generate(f"{hub.address}/{topic}", count=5000, seed=5, **EVENTS)
    run_example(hub.address, topic, tmp_path)
    t = table_of(tmp_path)
    rows = deltalake.DeltaTable(t).to_pyarrow_dataset().to_table()
    db = duckdb.connect()
    db.register("t", rows)
    for query in ("SELECT count(*) AS n FROM {t}", "SELECT count(*) AS n, count(temperature) AS c FROM {t} WHERE temperature > 20 AND humidity <= 60",
                  "SELECT min(temperature) AS lo, max(temperature) AS hi, min(deviceId) AS d FROM {t}",
                  "SELECT deviceId, temperature FROM {t} WHERE temperature IS NOT NULL AND deviceId IS NOT NULL ORDER BY temperature DESC, deviceId LIMIT 20",
                  "SELECT deviceId AS d, temperature * 2 + 1 AS x FROM {t} WHERE deviceId = 'device-000007' AND temperature IS NOT NULL ORDER BY x, d LIMIT 5"):
        ours = [json.loads(line) for line in parts.levada("sql", query.format(t=f"delta.`{t}`"), "--output", "jsonl").stdout.splitlines()]
        theirs = db.execute(query.format(t="t")).fetch_arrow_table().to_pylist()
        assert theirs and ours == theirs, query
    ours = json.loads(parts.levada("sql", f"SELECT sum(pressure) AS s, avg(temperature) AS a FROM delta.`{t}`", "--output", "jsonl").stdout)
    s, a = db.execute("SELECT sum(pressure), avg(temperature) FROM t").fetchone()
    assert ours["s"] == pytest.approx(s) and ours["a"] == pytest.approx(a)
