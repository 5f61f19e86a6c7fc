"""The query's checkpoint folder is Spark's: a query moves from one engine to the other and back."""
import json
import os
import re

import parts
from test_tables import EVENTS, run_example, run_twin, table_of


def read(*path):
    with open(os.path.join(*map(str, path)), "rb") as f:
        return f.read()


def checkpoint(storage):
    return os.path.join(storage, "checkpoints", "sensor_data")


def logs(storage, which):
    return sorted((f for f in os.listdir(os.path.join(checkpoint(storage), which)) if f.isdigit()), key=int)


def feed(server, topic, seed, count=1500):
    parts.generate(f"{server.address}/{topic}", count=count, seed=seed, **EVENTS)


def move(kafka, topic, storage, first, second):
    """first, second, first again and second again, each with new events; then a fresh run over all of them."""
    parts.create_topic(kafka.address, topic, 3)
    for seed, engine in enumerate((first, second, first, second)):
        feed(kafka, topic, seed)
        engine(kafka.address, topic, storage)
        assert len(parts.read_delta_rs(table_of(storage))) == 1 + 1500 * (seed + 1)
    first(kafka.address, topic, storage)  # nothing new: nothing happens
    assert logs(storage, "commits") == logs(storage, "offsets") == ["0", "1", "2", "3"]
    run_example(kafka.address, topic, os.path.join(storage, "whole"))
    parts.assert_same(parts.read_delta_rs(table_of(os.path.join(storage, "whole"))), parts.read_everywhere(table_of(storage)), "the moved query")
    # One query id for all, one txn a batch.
    import deltalake
    ids = set()
    for path in sorted(os.listdir(table_of(storage) + "/_delta_log")):
        if path.endswith(".json"):
            for line in read(table_of(storage), "_delta_log", path).splitlines():
                if b'"txn"' in line:
                    ids.add(json.loads(line)["txn"]["appId"])
    assert ids == {json.loads(read(checkpoint(storage), "metadata"))["id"]}
    assert deltalake.DeltaTable(table_of(storage)).transaction_version(ids.pop()) == 3


def test_started_by_spark(kafka, topic, tmp_path):
    move(kafka, topic, str(tmp_path), run_twin, run_example)


def test_started_by_us(kafka, topic, tmp_path):
    move(kafka, topic, str(tmp_path), run_example, run_twin)


def test_files_are_the_same_bytes(kafka, topic, tmp_path):
    ours, theirs = tmp_path / "levada", tmp_path / "spark"
    parts.create_topic(kafka.address, topic, 11)
    for seed in range(2):
        feed(kafka, topic, seed)
        run_example(kafka.address, topic, ours)
        run_twin(kafka.address, topic, theirs)
    uuid = rb'\{"id":"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"\}'
    assert all(re.fullmatch(uuid, read(checkpoint(d), "metadata")) for d in (ours, theirs))
    assert read(checkpoint(ours), "sources", "0", "0") == read(checkpoint(theirs), "sources", "0", "0")
    for n in ("0", "1"):
        assert read(checkpoint(ours), "commits", n) == read(checkpoint(theirs), "commits", n)
        mine, other = (read(checkpoint(d), "offsets", n).split(b"\n") for d in (ours, theirs))
        assert len(mine) == len(other) == 3 and mine[0] == other[0] and mine[2] == other[2]
        mine, other = json.loads(mine[1]), json.loads(other[1])
        assert list(mine) == list(other)
        assert mine["batchWatermarkMs"] == other["batchWatermarkMs"] and abs(mine["batchTimestampMs"] - other["batchTimestampMs"]) < 120_000
        different = {k: (v, other["conf"].get(k)) for k, v in mine["conf"].items() if other["conf"].get(k) != v and "shuffle.partitions" not in k}
        assert not different


def test_interrupted_spark_batch_is_finished_by_us(kafka, topic, tmp_path):
    """Spark planned batch 1 (offsets/1) and died: we do that batch, with those offsets, though more has come since."""
    parts.create_topic(kafka.address, topic, 3)
    feed(kafka, topic, 1)
    run_twin(kafka.address, topic, str(tmp_path))
    feed(kafka, topic, 2)
    run_twin(kafka.address, topic, str(tmp_path))
    planned = read(checkpoint(tmp_path), "offsets", "1")
    for which, name in (("commits", "1"), ("commits", ".1.crc")):
        os.remove(os.path.join(checkpoint(tmp_path), which, name))
    log = table_of(tmp_path) + "/_delta_log"
    last = max(f for f in os.listdir(log) if re.fullmatch(r"\d{20}\.json", f))
    before = parts.read_delta_rs(table_of(tmp_path))
    # With the table's commit still there nothing may be written twice…
    feed(kafka, topic, 3, count=700)
    run_example(kafka.address, topic, tmp_path)
    assert read(checkpoint(tmp_path), "offsets", "1") == planned
    rows = parts.read_delta_rs(table_of(tmp_path))
    assert len(rows) == len(before) + 700 and logs(tmp_path, "commits") == ["0", "1", "2"]
    # …and without it the batch is done again, from the same offsets.
    fresh = max(f for f in os.listdir(log) if re.fullmatch(r"\d{20}\.json", f))
    assert fresh > last
    os.remove(os.path.join(log, fresh))
    for crc in (fresh.replace(".json", ".crc"), f".{fresh}.crc"):
        if os.path.exists(os.path.join(log, crc)):
            os.remove(os.path.join(log, crc))
    os.remove(os.path.join(checkpoint(tmp_path), "commits", "2"))
    feed(kafka, topic, 4, count=300)
    run_example(kafka.address, topic, tmp_path)
    assert logs(tmp_path, "commits") == ["0", "1", "2", "3"]
    whole = parts.read_everywhere(table_of(tmp_path))
    assert len(whole) == len(rows) + 300
