"""kill -9 of `levada run`, of the hub, and of both, while events keep coming: every event once, by partition and offset."""
import collections
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

KILLS = int(os.environ.get("KILLS", "50"))
SEED = int(os.environ.get("KILL_SEED", str(int(time.time()))))
PIPELINE = """
CREATE OR REFRESH STREAMING TABLE audited AS
SELECT partition, offset, value::string AS body,
       from_json(value::string, 'deviceId STRING, temperature DOUBLE, timestamp TIMESTAMP') AS e
FROM STREAM read_kafka(bootstrapServers => '${servers}', subscribe => '${topic}', startingOffsets => 'earliest');
"""


@pytest.fixture
def pipeline(tmp_path):
    path = tmp_path / "audited.sql"
    path.write_text(PIPELINE)
    return path


def start(pipeline, hub, *flags, **env):
    return parts.spawn(parts.binary(), "run", "--storage", pipeline.parent, "--param", f"servers={hub.address}", "--param", "topic=t",
                       *flags, pipeline, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **env})


def finish(pipeline, hub):
    """Runs to the end of what is there; nothing may be in the way of it."""
    process = start(pipeline, hub, "--available-now")
    err = process.communicate(timeout=120)[1].decode()
    assert process.returncode == 0, err[-2000:]


def folder(pipeline, *path):
    found = os.path.join(pipeline.parent, *path)
    return sorted((f for f in os.listdir(found)), key=lambda f: (len(f), f)) if os.path.isdir(found) else []


def batches(pipeline, which):
    return {int(f) for f in folder(pipeline, "checkpoints", "audited", which) if f.isdigit()}


def table_version(pipeline):
    return max((int(f[:20]) for f in folder(pipeline, "tables", "audited", "_delta_log") if re.fullmatch(r"\d{20}\.json", f)), default=-1)


def audit(pipeline, hub):
    """Every record of the topic is one row with the right payload; no row is anything else."""
    topic = {(p, m.offset()): m.value().decode(errors="replace") for p, ms in parts.read_topic(hub.address, "t").items() for m in ms}
    path = os.path.join(pipeline.parent, "tables", "audited")
    table = deltalake.DeltaTable(path).to_pyarrow_dataset().to_table(columns=["partition", "offset", "body"])
    keys = list(zip(table.column("partition").to_pylist(), table.column("offset").to_pylist()))
    counts = collections.Counter(keys)
    assert len(topic) > 0
    assert not [k for k, n in counts.items() if n > 1][:5], "doubled"
    assert not sorted(set(topic) - set(counts))[:5], f"{len(set(topic) - set(counts))} of {len(topic)} lost"
    assert not sorted(set(counts) - set(topic))[:5], "rows that no record explains"
    assert all(topic[k] == body for k, body in zip(keys, table.column("body").to_pylist())), "payloads"
    assert table.num_rows == len(topic) == len(parts.read_duckdb(path)) - 1
    # Each batch is one commit, in order, and covers what its offsets say.
    versions = []
    for name in folder(pipeline, "tables", "audited", "_delta_log"):
        if re.fullmatch(r"\d{20}\.json", name):
            with open(os.path.join(path, "_delta_log", name)) as f:
                versions += [json.loads(line)["txn"]["version"] for line in f if line.startswith('{"txn"')]
    assert versions == sorted(set(versions)), "a batch was committed twice or out of order"
    return len(topic)


class Generator:
    """Events at a rate, in rounds with seeds of their own, so that the death of the hub only ends a round."""

    def __init__(self, hub, rate):
        self.hub, self.rate, self.seed, self.process = hub, rate, 0, None

    def ensure(self):
        if self.process is None or self.process.poll() is not None:
            self.seed += 1
            self.process = parts.spawn(parts.binary(), "generate", "sensors", "--to", f"{self.hub.address}/t", "--rate", self.rate, "--bad", "0.01",
                                       "--devices", 100, "--seed", self.seed, stderr=subprocess.DEVNULL)

    def stop(self):
        if self.process is not None:
            parts.end(self.process)


def test_kills_at_random_moments(tmp_path, pipeline):
    rng = random.Random(SEED)
    print(f"KILL_SEED={SEED}")
    hub = parts.Hub(tmp_path / "hub")
    # What each kill hit: nothing yet, a batch planned and not committed, or the pause between batches.
    hit = collections.Counter()
    with hub:
        parts.create_topic(hub.address, "t", 8)
        generator = Generator(hub, 20000)
        for i in range(KILLS):
            generator.ensure()
            process = start(pipeline, hub, "--trigger", rng.choice(["0ms", "20ms", "100ms"]))
            progress = table_version(pipeline)
            time.sleep(rng.random() * rng.choice([0.05, 0.2, 0.6]))
            if i % 10 == 9:
                hub.kill()
                time.sleep(rng.random() * 0.1)
            alive = process.poll() is None
            if alive:
                parts.end(process, signal.SIGKILL)
            # Without a hub it may give up by itself, never otherwise, and never by a crash.
            err = process.stderr.read().decode()
            assert alive or i % 10 == 9 and process.returncode > 0, f"kill {i}: it had ended by itself with {process.returncode}: {err[-2000:]}"
            if i % 10 == 9:
                hub.start()
            left = batches(pipeline, "offsets") - batches(pipeline, "commits")
            assert len(left) <= 1, f"more than one batch unfinished: {left}"
            hit["in a batch" if left else "between batches" if table_version(pipeline) > progress else "before a batch"] += 1
        generator.stop()
        finish(pipeline, hub)
        assert batches(pipeline, "offsets") == batches(pipeline, "commits")
        events = audit(pipeline, hub)
    print(f"{KILLS} kills {dict(hit)}, {events} events, {table_version(pipeline) + 1} commits")
    assert hit["in a batch"] + hit["between batches"] >= KILLS // 5, f"the kills came too early to mean anything: {dict(hit)}"


def fault_points():
    """Names in the source, so that a new one is tested as soon as it is there."""
    out = subprocess.run(["grep", "-rhoE", r'lv_fault_point\("[a-z_.]+"', f"{parts.ROOT}/src/stream", f"{parts.ROOT}/src/delta"], capture_output=True, text=True)
    return sorted({line.split('"')[1] for line in out.stdout.splitlines()}) or ["none"]


@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize("point", fault_points())
def test_kill_at_fault_point(tmp_path, pipeline, point, nth):
    """Killed at one point of a batch, started again: nothing lost, nothing doubled."""
    if point == "delta.checkpoint":  # due with every commit, so that each round gets there
        pipeline.write_text(PIPELINE.replace("audited AS", "audited TBLPROPERTIES ('delta.checkpointInterval' = '1') AS"))
    with parts.Hub(tmp_path / "hub") as hub:
        parts.create_topic(hub.address, "t", 4)
        died = 0
        for round in range(4):
            parts.generate(f"{hub.address}/t", rate=0, count=1000, seed=round, bad=0.01, batch_records=50)
            process = start(pipeline, hub, "--trigger", "0ms", LEVADA_FAULT=f"{point}:{nth}")
            deadline = time.time() + 5
            version = table_version(pipeline)
            while process.poll() is None and time.time() < deadline:
                time.sleep(0.005)
                if nth > 1 and table_version(pipeline) != version:  # a batch is through: feed the next
                    version = table_version(pipeline)
                    parts.generate(f"{hub.address}/t", rate=0, count=100, seed=round)
            died += process.poll() == -signal.SIGKILL
            parts.end(process, signal.SIGKILL)
        assert died >= 3, f"the point was reached {died} times"
        finish(pipeline, hub)
        audit(pipeline, hub)


@pytest.mark.sanitize
def test_signals_end_it_cleanly(tmp_path, pipeline):
    """SIGINT and SIGTERM finish the batch and exit 0: every batch that was planned is committed."""
    with parts.Hub(tmp_path / "hub") as hub:
        parts.create_topic(hub.address, "t", 4)
        generator = Generator(hub, 20000)
        generator.ensure()
        for i in range(6):
            process = start(pipeline, hub, "--trigger", "10ms")
            version, deadline = table_version(pipeline), time.time() + 10
            while table_version(pipeline) < version + 3:
                assert process.poll() is None and time.time() < deadline, process.stderr.read().decode()[-2000:]
                time.sleep(0.005)
            assert parts.end(process, signal.SIGINT if i % 2 else signal.SIGTERM, timeout=15) == 0
            assert batches(pipeline, "offsets") == batches(pipeline, "commits")
        generator.stop()
        finish(pipeline, hub)
        audit(pipeline, hub)


def test_two_runners_do_not_mix(tmp_path, pipeline):
    """A second runner on the same checkpoint is refused, and harms nothing."""
    with parts.Hub(tmp_path / "hub") as hub:
        parts.create_topic(hub.address, "t", 4)
        parts.generate(f"{hub.address}/t", rate=0, count=1000)
        first = start(pipeline, hub, "--trigger", "10ms")
        deadline = time.time() + 10
        while not batches(pipeline, "commits"):
            assert first.poll() is None and time.time() < deadline
            time.sleep(0.01)
        second = start(pipeline, hub, "--available-now")
        err = second.communicate(timeout=20)[1].decode()
        assert second.returncode not in (0, -6, -11) and "[" in err, (second.returncode, err)
        parts.generate(f"{hub.address}/t", rate=0, count=1000, seed=2)
        time.sleep(0.5)
        assert parts.end(first) == 0
        finish(pipeline, hub)
        assert audit(pipeline, hub) == 2000
