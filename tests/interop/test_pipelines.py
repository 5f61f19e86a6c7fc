"""Pipelines of several tables and flows: expectations and their counts, NOT NULL, refreshes, specs, validation."""
import json

import pytest

import parts

pytestmark = pytest.mark.sanitize

SOURCE = """CREATE TEMPORARY VIEW numbers AS
SELECT try_cast(value::string AS INT) AS n, offset
FROM STREAM read_kafka(bootstrapServers => '${servers}', subscribe => 'numbers', startingOffsets => 'earliest');
"""


@pytest.fixture
def hub(tmp_path):
    with parts.Hub(tmp_path / "hub", "--partitions", 2) as hub:
        produce(hub, ["1", "2", "x", "-4", "5", "60"])
        yield hub


def produce(hub, values):
    from confluent_kafka import Producer
    producer = Producer({"bootstrap.servers": hub.address})
    for i, value in enumerate(values):
        producer.produce("numbers", value, partition=i % 2)
    assert producer.flush(10) == 0


def run(hub, storage, text, *flags, check=True):
    path = storage / "p.sql"
    path.write_text(SOURCE + text)
    return parts.levada("run", path, "--storage", storage, "--available-now", "--param", f"servers={hub.address}", *flags, check=check)


def rows(storage, query):
    return [tuple(json.loads(line).values()) for line in parts.levada("sql", query, "--storage", storage, "-o", "jsonl").stdout.splitlines()]


def expectations(process):
    """What the runs of a program add up to: (expectation, dataset) → (passed, failed, action)."""
    lines = [line.split() for line in process.stderr.splitlines()]
    at = lines.index(["expectation", "dataset", "passed", "failed", "action"])
    return {(name, dataset): (int(passed), int(failed), action) for name, dataset, passed, failed, action in lines[at + 1:]}


def test_expectations_are_counted_drop_and_fail(hub, tmp_path):
    table = """CREATE STREAMING TABLE t (CONSTRAINT a_number EXPECT (n IS NOT NULL), CONSTRAINT positive EXPECT (n > 0) ON VIOLATION DROP ROW{})
               AS SELECT n FROM STREAM numbers;"""
    p = run(hub, tmp_path, table.format(""))
    assert expectations(p) == {("a_number", "t"): (5, 1, "warn"), ("positive", "t"): (4, 2, "drop")}, "NULL breaks an expectation"
    assert json.loads(p.stdout.splitlines()[0])["expectations"]["positive"] == {"passed": 4, "failed": 2, "action": "drop"}
    assert rows(tmp_path, "SELECT n FROM t ORDER BY n") == [(1,), (2,), (5,), (60,)]
    produce(hub, ["7", "8"])
    again = run(hub, tmp_path, table.format(""))
    assert expectations(again)[("positive", "t")] == (2, 0, "drop"), "each run counts its own"
    produce(hub, ["99"])
    failed = run(hub, tmp_path, table.format(", CONSTRAINT small EXPECT (n < 70) ON VIOLATION FAIL UPDATE"), check=False)
    assert failed.returncode == 6
    assert "EXPECTATION_VIOLATION" in failed.stderr and "'small'" in failed.stderr and '{"n":99}' in failed.stderr
    assert len(rows(tmp_path, "SELECT n FROM t")) == 6


def test_not_null_and_comments_reach_the_table(hub, tmp_path):
    run(hub, tmp_path, """CREATE STREAMING TABLE t (n INT NOT NULL COMMENT 'the number', offset BIGINT) COMMENT 'numbers' CLUSTER BY (n)
                          AS SELECT * FROM STREAM numbers WHERE n IS NOT NULL;""")
    from deltalake import DeltaTable
    table = DeltaTable(tmp_path / "tables/t")
    assert [f.nullable for f in table.schema().fields] == [False, True]
    assert table.metadata().description == "numbers"
    assert [f.metadata for f in table.schema().fields] == [{"comment": "the number"}, {}]
    assert json.loads(table.metadata().configuration["levada.clusterBy"]) == [["n"]]
    refused = run(hub, tmp_path, "CREATE STREAMING TABLE u (n INT NOT NULL) AS SELECT n FROM STREAM numbers;", check=False)
    assert refused.returncode == 1 and "DELTA_NOT_NULL_CONSTRAINT_VIOLATED" in refused.stderr and "column: n" in refused.stderr


FLOWS = """
CREATE FLOW small AS INSERT INTO t BY NAME SELECT n FROM STREAM numbers WHERE n < 10;
CREATE STREAMING TABLE t (CONSTRAINT known EXPECT (n IS NOT NULL) ON VIOLATION DROP ROW);
CREATE FLOW all_of_them AS INSERT INTO t BY NAME SELECT n, 'b' AS label FROM STREAM numbers;
CREATE FLOW before AS INSERT INTO ONCE t BY NAME SELECT * FROM VALUES (100, 'old') AS history(n, label);
"""


def test_flows_fill_one_table_each_once(hub, tmp_path):
    for _ in range(2):
        run(hub, tmp_path, FLOWS)
        assert sorted(rows(tmp_path, "SELECT n, label FROM t"), key=str) == sorted(
            [(1, None), (2, None), (-4, None), (5, None), (1, "b"), (2, "b"), (-4, "b"), (5, "b"), (60, "b"), (100, "old")], key=str)
    names = {p.name for p in (tmp_path / "checkpoints").iterdir()}
    assert names == {"t.small", "t.all_of_them", "t.before"}
    assert parts.read_delta_rs(tmp_path / "tables/t") == parts.read_duckdb(tmp_path / "tables/t")


def test_refreshes(hub, tmp_path):
    text = "CREATE STREAMING TABLE a AS SELECT n FROM STREAM numbers; CREATE STREAMING TABLE b AS SELECT n FROM STREAM numbers;"
    run(hub, tmp_path, text, "--refresh", "a")
    assert len(rows(tmp_path, "SELECT * FROM a")) == 6 and not (tmp_path / "tables/b").exists()
    produce(hub, ["7"])
    assert run(hub, tmp_path, text, "--full-refresh", "a", check=False).returncode == 2, "nobody said yes"
    run(hub, tmp_path, text.replace("SELECT n FROM", "SELECT n, offset FROM", 1), "--full-refresh", "a", "--yes")
    assert rows(tmp_path, "SELECT count(offset) FROM a") == [(7,)]
    run(hub, tmp_path, text, "--full-refresh-all", "--yes")
    assert rows(tmp_path, "SELECT count(*) FROM b") == [(7,)]
    wrong = run(hub, tmp_path, text, "--refresh", "c", check=False)
    assert wrong.returncode == 3 and "no streaming table `c`" in wrong.stderr
    both = run(hub, tmp_path, text, "--refresh", "a", "--full-refresh-all", check=False)
    assert both.returncode == 2 and "CONFLICTING_PIPELINE_REFRESH_OPTIONS" in both.stderr


def test_a_spec_is_run_from_below_its_folder(hub, tmp_path):
    folder = tmp_path / "transformations/deep"
    folder.mkdir(parents=True)
    (tmp_path / "transformations/z.sql").write_text(SOURCE)
    (folder / "a.sql").write_text("CREATE STREAMING TABLE t AS SELECT n FROM STREAM numbers;")
    (tmp_path / "spark-pipeline.yml").write_text("name: x\nstorage: lake\ndatabase: iot\nlibraries:\n  - glob:\n      include: transformations/**\n")
    parts.levada("run", "--available-now", cwd=folder, env={"LEVADA_PARAM_servers": hub.address, "PATH": ""})
    assert rows(tmp_path / "lake", "SELECT count(*) FROM iot.t") == [(6,)]


# ---- validate ---------------------------------------------------------------------------------------

def validate(tmp_path, text, *flags):
    path = tmp_path / "v.sql"
    path.write_text(text)
    return parts.levada("validate", path, *flags, check=False, cwd=tmp_path)


GOOD = SOURCE.replace("${servers}", "127.0.0.1:1") + "CREATE STREAMING TABLE t AS SELECT n FROM STREAM numbers;"


def test_validate_runs_nothing(tmp_path):
    p = validate(tmp_path, GOOD, "--explain")
    assert p.returncode == 0 and p.stdout.startswith("== t ==\nProject") and p.stdout.endswith("valid: 1 tables, 1 flows\n")
    assert json.loads(validate(tmp_path, GOOD, "--output", "json").stdout) == {"valid": True, "tables": 1, "flows": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["v.sql"]
    assert parts.levada("dry-run", tmp_path / "v.sql").returncode == 0


def test_validate_finds_all_errors_in_their_order(tmp_path):
    text = "CREATE STREAMING TABLE a AS SELECT nope, neither FROM STREAM numbers;\nSELEC 1;\n" + GOOD + "\nCREATE STREAMING TABLE b;\nMERGE INTO x;"
    p = validate(tmp_path, text, "--output", "json")
    found = [json.loads(line)["error"] for line in p.stdout.splitlines()]
    assert p.returncode == 3
    assert [(e["errorClass"], e["line"]) for e in found if e["errorClass"] != "UNRESOLVED_COLUMN.WITH_SUGGESTION"] == [
        ("PARSE_SYNTAX_ERROR", 2), ("PIPELINE_DATASET_WITHOUT_FLOW", 7), ("UNSUPPORTED_FEATURE", 8)]
    assert (found[0]["line"], found[0]["column"]) == (1, 36)


def test_validate_strictly(tmp_path):
    text = GOOD.replace("STREAMING TABLE", "OR REFRESH STREAMING TABLE")
    assert validate(tmp_path, text).returncode == 0
    p = validate(tmp_path, text, "--strict-sdp", "--output", "json")
    messages = [json.loads(line)["error"]["message"] for line in p.stdout.splitlines()]
    assert p.returncode == 3 and [m.split("accept ")[1] for m in messages] == ["read_kafka", "OR REFRESH"]
