"""The program as a shell sees it: rows in each format, exit codes, errors for people and for machines, no secrets."""
import json
import os
import subprocess

import pyarrow.parquet
import pytest

import parts

pytestmark = pytest.mark.sanitize
SOURCE = "STREAM read_kafka(bootstrapServers => '${servers}', subscribe => 't', startingOffsets => 'earliest')"


def sql(text, *flags, **kwargs):
    return parts.levada("sql", text, *flags, check=False, **kwargs)


def error_of(process):
    return json.loads(process.stderr.splitlines()[0])["error"]


def pipeline(tmp_path, text):
    path = tmp_path / "p.sql"
    path.write_text(text)
    return path


# ---- levada sql -------------------------------------------------------------------------------------

def test_formats():
    query = "SELECT * FROM VALUES (1, 'a,b', true), (2, NULL, false) AS t(id, s, b)"
    assert sql(query, "--output", "jsonl").stdout == '{"id":1,"s":"a,b","b":true}\n{"id":2,"s":null,"b":false}\n'
    assert sql(query, "--output", "csv").stdout == 'id,s,b\n1,"a,b",true\n2,,false\n'
    assert sql(query, "--output", "spark").stdout == ("+---+----+-----+\n|id |s   |b    |\n+---+----+-----+\n|1  |a,b |true |\n"
                                                     "|2  |NULL|false|\n+---+----+-----+\n\n")
    box = sql(query).stdout.splitlines()
    assert box[1].split("│")[1:-1] == ["  id ", " s      ", " b       "] and len({len(line) for line in box}) == 1


def test_more_formats():
    query = "SELECT * FROM VALUES (1, 'a|b'), (2, NULL) AS t(id, s)"
    assert json.loads(sql(query, "-o", "json").stdout) == [{"id": 1, "s": "a|b"}, {"id": 2, "s": None}]
    assert sql(query, "-o", "markdown").stdout == "| id | s |\n| ---: | --- |\n| 1 | a\\|b |\n| 2 | NULL |\n"
    wrong = sql(query, "-o", "xml")
    assert wrong.returncode == 2 and "markdown" in wrong.stderr


def test_rows_into_files(tmp_path):
    query = "SELECT * FROM VALUES (1, 'a,b', 1.5D), (2, NULL, -0.0D) AS t(id, s, d)"
    for ending, read in {
        "parquet": lambda path: pyarrow.parquet.read_table(path).to_pylist(),
        "jsonl": lambda path: [json.loads(line) for line in path.read_text().splitlines()],
        "json": lambda path: json.loads(path.read_text()),
    }.items():
        path = tmp_path / f"rows.{ending}"
        p = sql(f"SELECT 0 AS before; {query}", "-o", "csv", "--to", path)
        assert p.stdout == "before\n0\n" and p.stderr.startswith(f"{path}: 2 rows, "), "only the last statement's rows go there"
        assert read(path) == [{"id": 1, "s": "a,b", "d": 1.5}, {"id": 2, "s": None, "d": -0.0}]
    assert sql(query, "--to", tmp_path / "rows.csv").returncode == 0
    assert (tmp_path / "rows.csv").read_text() == 'id,s,d\n1,"a,b",1.5\n2,,-0.0\n'


def test_a_file_is_whole_or_not_there(tmp_path):
    failed = sql("SELECT CAST(s AS INT) AS n FROM VALUES ('1'), ('x') AS t(s)", "--to", tmp_path / "n.parquet")
    assert failed.returncode == 1 and "CAST_INVALID_INPUT" in failed.stderr
    assert os.listdir(tmp_path) == []
    assert sql("SELECT 1 AS a", "--to", tmp_path / "a.xls").returncode == 2
    assert sql("SELECT 1 AS a", "--to", tmp_path / "no/such/folder/a.csv").returncode == 1


def test_statements_act_in_order(tmp_path):
    text = ("SET spark.sql.session.timeZone = Europe/Lisbon; CREATE TEMPORARY VIEW v AS SELECT 7 AS x;\n"
            "SELECT x + :n AS y, '${word}' AS w FROM v; SET spark.sql.session.timeZone")
    flags = ("--output", "csv", "--param", "n=1", "--param", "word=tide")
    expected = "key,value\nspark.sql.session.timeZone,Europe/Lisbon\ny,w\n8,tide\nkey,value\nspark.sql.session.timeZone,Europe/Lisbon\n"
    assert sql(text.replace(":n", "${n}"), *flags).stdout == expected
    (tmp_path / "f.sql").write_text(text.replace(":n", "${n}"))
    assert parts.levada("sql", "--file", tmp_path / "f.sql", *flags).stdout == expected
    assert parts.levada("sql", *flags, input=text.replace(":n", "${n}")).stdout == expected
    assert parts.levada("sql", "SELECT :n AS n", "--output", "jsonl", "--param", "n=x").stdout == '{"n":"x"}\n'
    assert "Project" in sql("EXPLAIN SELECT x FROM (SELECT 1 AS x)").stdout or "Values" in sql("EXPLAIN SELECT 1").stdout


@pytest.mark.parametrize("text,code,error_class,column", [
    ("SELECT 1 +", 3, "PARSE_SYNTAX_ERROR", 11),
    ("SELECT nope FROM VALUES (1) AS t(a)", 3, "UNRESOLVED_COLUMN.WITH_SUGGESTION", 8),
    ("SELECT * FROM missing", 3, "TABLE_OR_VIEW_NOT_FOUND", 15),
    ("SELECT CAST('x' AS INT)", 1, "CAST_INVALID_INPUT", 8),
    ("SELECT a FROM VALUES (1) AS t(a) GROUP BY a", 3, "UNSUPPORTED_FEATURE", None),
    ("SELECT 1/0", 1, "DIVIDE_BY_ZERO", 8),
    ("CREATE STREAMING TABLE s AS SELECT 1", 3, "UNSUPPORTED_FEATURE.CREATE_PIPELINE_DATASET_QUERY_EXECUTION", 1),
    (f"SELECT * FROM {SOURCE}".replace("${servers}", "127.0.0.1:1"), 3, "UNSUPPORTED_STREAMING_OPERATION", None),
])
def test_errors_have_class_place_and_code(text, code, error_class, column):
    process = sql(text, "--output", "jsonl")
    error = error_of(process)
    assert error["errorClass"] == error_class and len(error["sqlState"]) == 5 and error["line"] == 1
    assert column is None or error["column"] == column
    # Folding may find a bad value before anything runs.
    assert process.returncode == code or (code == 1 and process.returncode == 3), process.stderr
    for_people = sql(text).stderr
    assert for_people.startswith(f"error[{error_class}]: ") and "--> <sql>:1:" in for_people and "^" in for_people and "SQLSTATE: " in for_people


def test_a_text_is_checked_before_it_runs():
    process = sql("SELECT 1 AS one; SELEC 2; SELECT 3 +")
    assert process.stdout == "" and process.returncode == 3
    assert process.stderr.count("error[PARSE_SYNTAX_ERROR]") == 2


@pytest.mark.parametrize("arguments", [["sql", "--bogus"], ["sql", "SELECT 1", "SELECT 2"], ["sql", "SELECT 1", "--output", "xml"],
                                       ["run", "x.sql", "--trigger", "often"], ["run", "x.sql", "--workers", "0"], ["run", "x.sql", "--param", "x"],
                                       ["hub", "--partitions", "x"], ["nonsense"], []])
def test_usage(arguments):
    process = parts.levada(*arguments, check=False)
    assert process.returncode == 2 and process.stdout == "" and len(process.stderr) > 20


@pytest.mark.parametrize("verb", ["hub", "run", "sql", "generate"])
def test_help(verb):
    asked = parts.levada("help", verb).stdout
    assert asked.startswith(f"Usage: levada {verb} ") and asked == parts.levada(verb, "--help").stdout
    assert verb in parts.levada("help").stdout


def test_rows_to_nowhere_are_an_error():
    with open("/dev/full", "w") as full:
        p = subprocess.run([parts.binary(), "sql", "SELECT 1"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert p.returncode != 0 and "LEVADA_IO_ERROR" in p.stderr


# ---- levada run -------------------------------------------------------------------------------------

def test_all_errors_of_a_pipeline(tmp_path):
    path = pipeline(tmp_path, f"CREATE STREAMING TABLE a AS SELECT nope FROM {SOURCE};\n"
                              f"CREATE STREAMING TABLE b AS SELECT value FROM {SOURCE} WHERE 1 +;\n"
                              f"CREATE STREAMING TABLE c AS SELECT 1;\n"
                              f"CREATE STREAMING TABLE d AS SELECT value FROM {SOURCE};\nCREATE STREAMING TABLE d AS SELECT value FROM {SOURCE};")
    process = parts.levada("run", path, "--storage", tmp_path, "--param", "servers=127.0.0.1:1", "--output", "json", check=False)
    errors = [json.loads(line)["error"] for line in process.stderr.splitlines()]
    assert process.returncode == 3
    assert {(e["line"], e["errorClass"]) for e in errors} == {
        (1, "UNRESOLVED_COLUMN.WITH_SUGGESTION"), (2, "PARSE_SYNTAX_ERROR"), (3, "INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE"),
        (5, "PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT")}
    assert all(e["file"] == str(path) for e in errors)
    assert not os.path.exists(tmp_path / "tables")


def test_explain_runs_nothing(tmp_path):
    path = pipeline(tmp_path, f"CREATE STREAMING TABLE a AS SELECT offset FROM {SOURCE} WHERE partition = 1;")
    process = parts.levada("run", path, "--storage", tmp_path, "--param", "servers=127.0.0.1:1", "--explain")
    assert process.stdout.startswith("== a ==\n") and "Filter" in process.stdout and os.listdir(tmp_path) == ["p.sql"]


def test_missing_files_and_unset_parameters(tmp_path):
    process = parts.levada("run", tmp_path / "none.sql", check=False)
    assert process.returncode == 3 and process.stderr.count("error[") == 1 and "none.sql" in process.stderr
    path = pipeline(tmp_path, f"CREATE STREAMING TABLE a AS SELECT offset FROM {SOURCE};")
    process = parts.levada("run", path, "--storage", tmp_path, check=False)
    assert process.returncode == 2 and "'${servers}'" in process.stderr  # as in Spark, what is not set stays as it is
    path = pipeline(tmp_path, "CREATE STREAMING TABLE a AS SELECT offset FROM STREAM read_kafka(bootstrapServers => :servers, subscribe => 't');")
    process = parts.levada("run", path, check=False)
    assert process.returncode == 3 and "UNBOUND_SQL_PARAMETER" in process.stderr


def test_secrets_stay_secret(tmp_path):
    """A password in options shows in no plan, error or progress."""
    secret = "Endpoint=sb://x/;SharedAccessKeyName=n;SharedAccessKey=dG9wc2VjcmV0"
    jaas = f'org.apache.kafka.common.security.plain.PlainLoginModule required username="$ConnectionString" password="{secret}";'
    options = f"`kafka.security.protocol` => 'SASL_PLAINTEXT', `kafka.sasl.mechanism` => 'PLAIN', `kafka.sasl.jaas.config` => '{jaas}'"
    path = pipeline(tmp_path, "CREATE STREAMING TABLE a AS SELECT offset FROM STREAM read_kafka(bootstrapServers => '${servers}', "
                              f"subscribe => 't', startingOffsets => 'earliest', {options});")
    with parts.Hub(tmp_path / "hub", "--sasl", secret) as hub:
        parts.levada("generate", "sensors", "--to", f"{hub.address}/t", "--count", 10, "--rate", 0, "--sasl", secret)
        good = parts.levada("run", path, "--storage", tmp_path, "--available-now", "--param", f"servers={hub.address}")
        assert json.loads(good.stdout.splitlines()[0])["numInputRows"] == 10
    with parts.Hub(tmp_path / "hub2", "--sasl", "another") as hub:
        bad = parts.levada("run", path, "--storage", tmp_path / "2", "--available-now", "--param", f"servers={hub.address}", check=False)
        assert bad.returncode == 4 and "LEVADA_AUTHENTICATION_FAILED" in bad.stderr
    plan = parts.levada("run", path, "--explain", "--param", "servers=127.0.0.1:1")
    for text in (good.stdout, good.stderr, bad.stdout, bad.stderr, plan.stdout):
        assert "dG9wc2VjcmV0" not in text
    found = subprocess.run(["grep", "-rl", "dG9wc2VjcmV0", tmp_path / "tables", tmp_path / "checkpoints"], capture_output=True, text=True).stdout
    assert found == ""


def test_unreachable_servers(tmp_path):
    path = pipeline(tmp_path, f"CREATE STREAMING TABLE a AS SELECT offset FROM {SOURCE};")
    process = parts.levada("run", path, "--storage", tmp_path, "--available-now", "--param", "servers=127.0.0.1:1", check=False)
    assert process.returncode == 4 and "127.0.0.1:1" in process.stderr, process.stderr
