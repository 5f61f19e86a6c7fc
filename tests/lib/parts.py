"""The parts of the end-to-end tests and the benchmark: the program under test, its hub, a real Kafka, Spark,
and every reader of a Delta table as one function that gives the same rows in the same form."""
import atexit
import contextlib
import datetime
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import pyarrow as pa

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CONNECTION_STRING = "Endpoint=sb://localhost/;SharedAccessKeyName=test;SharedAccessKey=c2VjcmV0"


def setting(name):
    """A variable of scripts/env.sh, which the environment may override."""
    text = subprocess.run(["bash", "-c", f'. "{ROOT}/scripts/env.sh"; printf %s "${name}"'], capture_output=True, text=True, check=True)
    return text.stdout


def binary():
    path = setting("LEVADA")
    if not os.access(path, os.X_OK):
        raise RuntimeError(f"there is no program {path}: build it, or set LEVADA")
    return path


def free_port(count=1):
    """The first of `count` neighbouring free ports."""
    for _ in range(100):
        with contextlib.ExitStack() as stack:
            try:
                first = stack.enter_context(socket.socket())
                first.bind(("127.0.0.1", 0))
                port = first.getsockname()[1]
                for i in range(1, count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port + i))
                return port
            except OSError:
                continue
    raise RuntimeError("no free ports")


# ---- processes ------------------------------------------------------------------------------------

def run(*args, timeout=120, check=True, **kwargs):
    """Runs a program to its end; its output is in the error when it fails."""
    p = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=timeout, stdin=kwargs.pop("stdin", subprocess.DEVNULL)
                       if "input" not in kwargs else None, **kwargs)
    if check and p.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, args))[:300]}: exit {p.returncode}\n{p.stdout[-1500:]}\n{p.stderr[-3000:]}")
    return p


def levada(*args, **kwargs):
    return run(binary(), *args, **kwargs)


_children = set()


def spawn(*args, **kwargs):
    """Starts a program in the background; it does not outlive this one."""
    p = subprocess.Popen([str(a) for a in args], stdin=subprocess.DEVNULL, **kwargs)
    _children.add(p)
    return p


def end(process, number=signal.SIGTERM, timeout=20):
    """Signals a process and waits for it; its exit code."""
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise AssertionError(f"{process.args[:3]} did not end on signal {number}")
    _children.discard(process)
    return process.returncode


@atexit.register
def _end_children():
    for p in list(_children):
        if p.poll() is None:
            p.kill()
            p.wait()


class Hub:
    """`levada hub`. Killed or stopped, it starts again on the same port and data."""

    def __init__(self, data, *flags):
        self.data, self.flags = str(data), flags
        self.address = f"127.0.0.1:{free_port()}"
        self.process = None

    def start(self):
        self.process = spawn(binary(), "hub", "--listen", self.address, "--data", self.data, *self.flags, stdout=subprocess.PIPE,
                             text=True, bufsize=1)
        line = self.process.stdout.readline()
        if self.address not in line:
            self.process.wait(5)
            raise AssertionError(f"the hub did not start: {line!r}, exit {self.process.returncode}")
        return self

    def kill(self):
        end(self.process, signal.SIGKILL)

    def stop(self):
        """As a user does; anything but a clean end, such as a sanitizer's finding, is a failure."""
        code = end(self.process)
        assert code == 0, f"the hub ended with {code}"

    __enter__ = start

    def __exit__(self, *_):
        self.stop()


class KafkaBroker:
    """A real Apache Kafka."""

    def __init__(self, **env):
        port = free_port(3)
        self.env = {**os.environ, "KAFKA_PORT": str(port), "KAFKA_CONNECTION_STRING": CONNECTION_STRING, **env}
        self.address, self.sasl_address = f"127.0.0.1:{port}", f"127.0.0.1:{port + 2}"

    def script(self, verb):
        return run(f"{ROOT}/scripts/kafka.sh", verb, env=self.env)

    def __enter__(self):
        # Its output stays with the broker, so a pipe to it would never close.
        p = subprocess.run([f"{ROOT}/scripts/kafka.sh", "start"], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        if p.returncode != 0:
            raise AssertionError(f"Kafka did not start: exit {p.returncode}")
        atexit.register(self.script, "stop")
        return self

    def __exit__(self, *_):
        self.script("stop")
        atexit.unregister(self.script)


def java(main, *args, **kwargs):
    """One of Kafka's command-line tools."""
    return run("java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-Dlog4j2.level=ERROR", "-cp", f"{setting('KAFKA_LIBS')}/*", main, *args, **kwargs)


def generate(where, **flags):
    """`levada generate sensors`: flags as keywords."""
    words = [w for k, v in flags.items() for w in (f"--{k.replace('_', '-')}", v)]
    return levada("generate", "sensors", "--to", where, *words)


def run_pipeline(path, storage, *flags, **parameters):
    words = [w for k, v in parameters.items() for w in ("--param", f"{k}={v}")]
    p = levada("run", "--storage", storage, *(flags or ("--available-now",)), *words, path)
    return [json.loads(line) for line in p.stdout.splitlines() if line.startswith("{")]


# ---- Kafka topics as any client sees them -----------------------------------------------------------

def create_topic(address, topic, partitions=8, **config):
    from confluent_kafka.admin import AdminClient, NewTopic
    admin = AdminClient({"bootstrap.servers": address, "log_level": 0})
    admin.create_topics([NewTopic(topic, partitions, 1, config=config)])[topic].result(20)


def read_topic(address, topic, start=0, **conf):
    """All messages, by partition: {partition: [message…]}; ends at the high watermarks."""
    from confluent_kafka import Consumer, KafkaError, TopicPartition
    consumer = Consumer({"bootstrap.servers": address, "group.id": "audit", "enable.auto.commit": False, "auto.offset.reset": "error",
                         "check.crcs": True, "log_level": 0, **conf})
    partitions = consumer.list_topics(topic, timeout=20).topics[topic].partitions
    ends = {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=20)[1] for p in partitions}
    found = {p: [] for p in partitions}
    open_ones = {p for p in partitions if ends[p] > start}
    consumer.assign([TopicPartition(topic, p, start) for p in open_ones])
    deadline = time.time() + 60
    while open_ones and time.time() < deadline:
        for m in consumer.consume(20000, 0.5):
            if m.error() and m.error().code() == KafkaError.UNSUPPORTED_VERSION:
                continue  # librdkafka looks for the group's coordinator even if it needs none; our hub has no groups
            if m.error():
                raise AssertionError(f"{topic}: {m.error()}")
            found[m.partition()].append(m)
            if m.offset() + 1 >= ends[m.partition()]:
                open_ones.discard(m.partition())
    consumer.close()
    assert not open_ones, f"{topic}: partitions {sorted(open_ones)} were not readable to their ends"
    return found


# ---- Spark ------------------------------------------------------------------------------------------

_spark = None


def spark():
    """The one Spark of this process, with Delta and Kafka."""
    global _spark
    if _spark is None:
        from pyspark.sql import SparkSession
        jars = sorted(glob.glob(f"{setting('SPARK_JARS_DIR')}/*.jar"))
        if not jars:
            raise RuntimeError("Spark's jars are missing: run scripts/deps.sh test")
        builder = SparkSession.builder.master("local[2]").appName("levada-tests")
        for k, v in {
            "spark.jars": ",".join(jars), "spark.driver.extraClassPath": ":".join(jars), "spark.driver.memory": "2g",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.sql.warehouse.dir": tempfile.mkdtemp(prefix="levada-warehouse-"), "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false",
            "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "2",
            "spark.databricks.delta.snapshotPartitions": "2", "spark.sql.streaming.pollingDelay": "5ms",
        }.items():
            builder = builder.config(k, v)
        _spark = builder.getOrCreate()
        _spark.sparkContext.setLogLevel("ERROR")
        atexit.register(_spark.stop)
        atexit.register(shutil.rmtree, _spark.conf.get("spark.sql.warehouse.dir").removeprefix("file:"), True)
    return _spark


# ---- readers ----------------------------------------------------------------------------------------

def canonical(table):
    """Rows of an Arrow table as sorted tuples that compare equal across readers: timestamps as UTC microseconds."""
    names = sorted(table.column_names)
    columns = []
    for name in names:
        column = table.column(name)
        if pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())
        columns.append(column.to_pylist())
    return [tuple(names)] + sorted(zip(*columns), key=repr)


def read_delta_rs(path):
    import deltalake
    return canonical(deltalake.DeltaTable(str(path)).to_pyarrow_dataset().to_table())


def read_duckdb(path):
    import duckdb
    site = os.path.dirname(os.path.dirname(duckdb.__file__))
    db = duckdb.connect()
    db.execute(f"SET extension_directory='{site}/duckdb_ext/extensions'; SET autoinstall_known_extensions=false; LOAD delta; SET TimeZone='UTC'")
    too_long = threading.Timer(60, db.interrupt)
    too_long.start()
    try:
        return canonical(db.execute(f"SELECT * FROM delta_scan('{path}')").fetch_arrow_table())
    finally:
        too_long.cancel()


def read_spark(path):
    frame = spark().read.format("delta").load(str(path))
    return canonical(frame.toArrow())


def micros(text):
    t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    t = t if t.tzinfo else t.replace(tzinfo=datetime.timezone.utc)
    return (t - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) // datetime.timedelta(microseconds=1)


def read_levada(path):
    """Through `levada sql`; its JSON says timestamps as text, so the table's own schema says which columns are."""
    import deltalake
    fields = {f.name: str(f.type) for f in deltalake.DeltaTable(str(path)).schema().fields}
    out = levada("sql", f"SELECT * FROM delta.`{path}`", "--output", "jsonl").stdout
    rows = [json.loads(line) for line in out.splitlines()]
    times = [n for n, t in fields.items() if "timestamp" in t]
    for row in rows:
        assert row.keys() == fields.keys(), f"columns {list(row)} of {list(fields)}"
        for n in times:
            row[n] = row[n] and micros(row[n])
    names = sorted(fields)
    return [tuple(names)] + sorted((tuple(r[n] for n in names) for r in rows), key=repr)


READERS = {"levada": read_levada, "delta-rs": read_delta_rs, "duckdb": read_duckdb, "spark": read_spark}


def assert_same(expected, got, what):
    """Equal canonical rows, or what differs in a few lines."""
    if expected == got:
        return
    import collections
    want, have = collections.Counter(map(repr, expected)), collections.Counter(map(repr, got))
    raise AssertionError(f"{what}: {len(got) - 1} rows for {len(expected) - 1}; missing {list((want - have).elements())[:3]}, "
                         f"unexpected {list((have - want).elements())[:3]}")


def read_everywhere(path):
    """The rows of a table, after every reader gave the same."""
    rows = read_delta_rs(path)
    for name, read in READERS.items():
        assert_same(rows, read(path), f"{path} read by {name}")
    return rows
