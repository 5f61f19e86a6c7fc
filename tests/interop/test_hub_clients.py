"""Unmodified clients against `levada hub`."""
import json
import subprocess
import time

import confluent_kafka as ck
import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

import parts

CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def values(found):
    return sorted(m.value() for ms in found.values() for m in ms)


def produce(address, topic, messages, **conf):
    """(partition or -1, key, value) each; the acknowledged (partition, offset, value)."""
    acked, errors = [], []

    def report(err, m):
        errors.append(err) if err else acked.append((m.partition(), m.offset(), m.value()))

    producer = ck.Producer({"bootstrap.servers": address, "log_level": 0, **conf})
    for partition, key, value in messages:
        producer.produce(topic, value, key, **({"partition": partition} if partition >= 0 else {}), on_delivery=report)
        producer.poll(0)
    assert producer.flush(30) == 0 and not errors, errors
    return acked


# ---- kcat ------------------------------------------------------------------------------------------

def test_kcat_metadata(hub, topic):
    parts.create_topic(hub.address, topic, 3)
    listing = json.loads(parts.run("kcat", "-L", "-J", "-b", hub.address, "-t", topic).stdout)
    assert [b["name"] for b in listing["brokers"]] == [hub.address]
    assert [p["partition"] for p in listing["topics"][0]["partitions"]] == [0, 1, 2]


@pytest.mark.sanitize
def test_kcat_both_ways(hub, topic):
    lines = [f"{i}:value {i} é" for i in range(1000)]
    parts.run("kcat", "-P", "-b", hub.address, "-t", topic, "-K", ":", "-H", "h=1", "-z", "lz4", input="\n".join(lines) + "\n")
    out = parts.run("kcat", "-C", "-q", "-e", "-o", "beginning", "-b", hub.address, "-t", topic, "-f", r"%k:%s|%h\n").stdout
    assert sorted(out.splitlines()) == sorted(f"{line}|h=1" for line in lines)


def test_kcat_by_time(hub, topic):
    parts.run("kcat", "-P", "-b", hub.address, "-t", topic, "-p", "0", input="old\n")
    time.sleep(0.05)
    now = int(time.time() * 1000)
    time.sleep(0.05)
    parts.run("kcat", "-P", "-b", hub.address, "-t", topic, "-p", "0", input="new\n")
    out = parts.run("kcat", "-Q", "-b", hub.address, "-t", f"{topic}:0:{now}").stdout
    assert "offset 1" in out
    out = parts.run("kcat", "-C", "-q", "-e", "-b", hub.address, "-t", topic, "-p", "0", "-o", f"s@{now}").stdout
    assert out.split() == ["new"]


def test_kcat_waits_for_news(hub, topic):
    """A fetch at the end of a partition is held until something comes."""
    parts.create_topic(hub.address, topic, 1)
    reader = parts.spawn("kcat", "-C", "-q", "-u", "-c", "1", "-o", "end", "-b", hub.address, "-t", topic, "-X", "fetch.wait.max.ms=20000",
                         stdout=subprocess.PIPE, text=True)
    time.sleep(1.5)
    assert reader.poll() is None
    sent = time.time()
    parts.run("kcat", "-P", "-b", hub.address, "-t", topic, input="news\n")
    assert reader.communicate(timeout=10)[0] == "news\n" and time.time() - sent < 3


# ---- confluent-kafka (librdkafka 2.16) ---------------------------------------------------------------

@pytest.mark.sanitize
@pytest.mark.parametrize("codec", CODECS)
def test_confluent_codecs(hub, topic, codec):
    messages = [(i % 8, b"k%d" % i, b'{"n":%d,"pad":"%s"}' % (i, b"x" * 50)) for i in range(5000)]
    acked = produce(hub.address, topic, messages, **{"compression.type": codec, "linger.ms": 50})
    assert len(acked) == 5000
    found = parts.read_topic(hub.address, topic)
    assert sorted((p, m.offset(), m.value()) for p, ms in found.items() for m in ms) == sorted(acked)
    for p, ms in found.items():
        assert [m.offset() for m in ms] == list(range(625))
        assert [m.value() for m in ms] == [v for q, _, v in messages if q == p]


@pytest.mark.sanitize
def test_confluent_idempotent(hub, topic):
    messages = [(-1, b"k%d" % (i % 50), b"%d" % i) for i in range(20000)]
    acked = produce(hub.address, topic, messages, **{"enable.idempotence": True, "linger.ms": 1, "batch.num.messages": 100})
    assert len(acked) == 20000
    assert values(parts.read_topic(hub.address, topic)) == sorted(v for _, _, v in messages)


def test_confluent_headers_nulls_timestamps(hub, topic):
    before = int(time.time() * 1000)
    producer = ck.Producer({"bootstrap.servers": hub.address})
    producer.produce(topic, None, b"tombstone", partition=0, headers=[("a", b"1"), ("b", None)], timestamp=1000)
    producer.produce(topic, b"", None, partition=0)
    assert producer.flush(20) == 0
    first, second = parts.read_topic(hub.address, topic)[0]
    assert (first.key(), first.value(), first.headers()) == (b"tombstone", None, [("a", b"1"), ("b", None)])
    assert (second.key(), second.value()) == (None, b"")
    kind, ms = first.timestamp()
    assert kind == ck.TIMESTAMP_LOG_APPEND_TIME and before <= ms <= time.time() * 1000


def test_confluent_offsets_for_times(hub, topic):
    parts.create_topic(hub.address, topic, 1)
    marks = []
    for i in range(5):
        time.sleep(0.02)
        marks.append(int(time.time() * 1000))
        time.sleep(0.02)
        produce(hub.address, topic, [(0, None, b"%d-%d" % (i, j)) for j in range(100)])
    consumer = ck.Consumer({"bootstrap.servers": hub.address, "group.id": "x"})
    asked = [ck.TopicPartition(topic, 0, ms) for ms in marks]
    assert [consumer.offsets_for_times([t], 10)[0].offset for t in asked] == [0, 100, 200, 300, 400]
    late = consumer.offsets_for_times([ck.TopicPartition(topic, 0, marks[-1] + 3600_000)], 10)[0]
    assert late.offset == ck.OFFSET_END
    assert consumer.get_watermark_offsets(ck.TopicPartition(topic, 0), 10) == (0, 500)
    consumer.close()


@pytest.mark.sanitize
def test_confluent_admin(hub, topic):
    admin = AdminClient({"bootstrap.servers": hub.address})
    admin.create_topics([NewTopic(topic, 5, 1, config={"retention.ms": "3600000"})])[topic].result(10)
    with pytest.raises(ck.KafkaException) as error:
        admin.create_topics([NewTopic(topic, 5, 1)])[topic].result(10)
    assert error.value.args[0].code() == ck.KafkaError.TOPIC_ALREADY_EXISTS
    assert len(admin.list_topics(topic, 10).topics[topic].partitions) == 5
    resource = ConfigResource("topic", topic)
    assert admin.describe_configs([resource])[resource].result(10)["retention.ms"].value == "3600000"
    admin.delete_topics([topic])[topic].result(10)
    assert topic not in admin.list_topics(timeout=10).topics


def test_groups_are_refused_not_hung(hub, topic):
    """Consumer groups are not there yet; a client that wants one is told so."""
    parts.create_topic(hub.address, topic, 1)
    consumer = ck.Consumer({"bootstrap.servers": hub.address, "group.id": "g", "log_level": 0})
    consumer.subscribe([topic])
    m = consumer.poll(5)
    assert m is not None and m.error() and m.error().code() == ck.KafkaError.UNSUPPORTED_VERSION
    consumer.close()


def test_unknown_partition_and_offset(hub, topic):
    parts.create_topic(hub.address, topic, 1)
    consumer = ck.Consumer({"bootstrap.servers": hub.address, "group.id": "x", "auto.offset.reset": "error", "log_level": 0})
    consumer.assign([ck.TopicPartition(topic, 0, 1000)])
    codes = {m.error().code() for m in consumer.consume(2, 3) if m.error()}
    assert codes & {ck.KafkaError._AUTO_OFFSET_RESET, ck.KafkaError.OFFSET_OUT_OF_RANGE}, codes
    consumer.close()


@pytest.mark.sanitize
def test_acks_none(hub, topic):
    produce(hub.address, topic, [(0, None, b"%d" % i) for i in range(1000)], acks=0)
    deadline = time.time() + 10
    while len(parts.read_topic(hub.address, topic)[0]) < 1000 and time.time() < deadline:
        time.sleep(0.1)
    assert values(parts.read_topic(hub.address, topic)) == sorted(b"%d" % i for i in range(1000))


# ---- Java ----------------------------------------------------------------------------------------------

def test_java_console_both_ways(hub, topic):
    lines = [f"line {i} ü" for i in range(500)]
    parts.create_topic(hub.address, topic, 1)
    parts.java("org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", hub.address, "--topic", topic, "--compression-codec", "zstd",
               input="\n".join(lines) + "\n")
    out = parts.java("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", hub.address, "--topic", topic, "--partition", 0,
                     "--offset", "earliest", "--max-messages", 500, "--timeout-ms", 20000).stdout
    assert out.splitlines() == lines


def test_java_performance_producer(hub, topic):
    parts.create_topic(hub.address, topic, 4)
    out = parts.java("org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records", 100000, "--record-size", 120, "--throughput",
                     -1, "--producer-props", f"bootstrap.servers={hub.address}", "compression.type=lz4", "linger.ms=5").stdout
    assert "100000 records sent" in out
    assert sum(len(ms) for ms in parts.read_topic(hub.address, topic).values()) == 100000


def test_java_admin_tools(hub, topic):
    tool = ("org.apache.kafka.tools.TopicCommand", "--bootstrap-server", hub.address)
    parts.java(*tool, "--create", "--topic", topic, "--partitions", 6)
    assert topic in parts.java(*tool, "--list").stdout.split()
    assert "PartitionCount: 6" in parts.java(*tool, "--describe", "--topic", topic).stdout
    produce(hub.address, topic, [(2, None, b"x")] * 7)
    offsets = parts.java("org.apache.kafka.tools.GetOffsetShell", "--bootstrap-server", hub.address, "--topic", topic).stdout
    assert f"{topic}:2:7" in offsets.split()
    parts.java(*tool, "--delete", "--topic", topic)
    assert topic not in parts.java(*tool, "--list").stdout.split()


# ---- SASL PLAIN as Event Hubs has it ---------------------------------------------------------------------

@pytest.fixture(scope="module")
def locked_hub(tmp_path_factory):
    with parts.Hub(tmp_path_factory.mktemp("locked"), "--sasl", parts.CONNECTION_STRING) as hub:
        yield hub


def sasl(user, password):
    return {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanisms": "PLAIN", "sasl.username": user, "sasl.password": password}


def test_sasl_lets_in(locked_hub, topic):
    conf = sasl("$ConnectionString", parts.CONNECTION_STRING)
    produce(locked_hub.address, topic, [(0, None, b"in")], **conf)
    assert values(parts.read_topic(locked_hub.address, topic, **conf)) == [b"in"]


def test_sasl_lets_in_java(locked_hub, topic, tmp_path):
    jaas = ('org.apache.kafka.common.security.plain.PlainLoginModule required username="$ConnectionString" '
            f'password="{parts.CONNECTION_STRING}";')
    (tmp_path / "client").write_text(f"security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config={jaas}\n")
    parts.java("org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", locked_hub.address, "--topic", topic, "--producer.config",
               tmp_path / "client", input="hello\n")
    out = parts.java("org.apache.kafka.tools.GetOffsetShell", "--bootstrap-server", locked_hub.address, "--topic", topic, "--command-config",
                     tmp_path / "client").stdout
    assert sum(int(line.rsplit(":", 1)[1]) for line in out.split() if line.startswith(topic)) == 1


@pytest.mark.parametrize("conf", [sasl("$ConnectionString", "wrong"), sasl("other", parts.CONNECTION_STRING), {}], ids=["password", "user", "none"])
def test_sasl_keeps_out(locked_hub, conf):
    errors = []
    client = ck.Producer({"bootstrap.servers": locked_hub.address, "error_cb": errors.append, "log_level": 0, **conf})
    with pytest.raises(ck.KafkaException):
        client.list_topics(timeout=4)
    if conf:
        client.poll(1)
        assert any(e.code() == ck.KafkaError._AUTHENTICATION for e in errors), errors


# ---- our own client ----------------------------------------------------------------------------------------

@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("server", ["hub", "kafka"])
def test_generator_for_others(server, codec, topic, request):
    """What `levada generate` sends, others read: byte for byte what it writes to a file, on the hub and on a real broker."""
    address = request.getfixturevalue(server).address
    flags = dict(rate=0, count=20000, devices=50, seed=7, late=0.01, bad=0.01, duplicate=0.01)
    parts.create_topic(address, topic, 8)
    parts.generate(f"{address}/{topic}", codec=codec, **flags)
    expected = parts.generate("-", **flags).stdout
    found = parts.read_topic(address, topic)
    assert all([m.offset() for m in ms] == list(range(len(ms))) for ms in found.values())
    assert values(found) == sorted(line.encode() for line in expected.split("\n")[:-1])


def test_generator_with_sasl(locked_hub, topic):
    parts.generate(f"{locked_hub.address}/{topic}", rate=0, count=1000, sasl=parts.CONNECTION_STRING)
    found = parts.read_topic(locked_hub.address, topic, **sasl("$ConnectionString", parts.CONNECTION_STRING))
    assert sum(map(len, found.values())) == 1000
    refused = parts.levada("generate", "sensors", "--to", f"{locked_hub.address}/{topic}", "--count", 1, "--sasl", "wrong", check=False)
    assert refused.returncode not in (0, -6, -11) and "wrong" not in refused.stderr


def test_generator_with_sasl_kafka(kafka, topic):
    parts.create_topic(kafka.address, topic, 2)
    parts.generate(f"{kafka.sasl_address}/{topic}", rate=0, count=1000, sasl=parts.CONNECTION_STRING)
    assert sum(map(len, parts.read_topic(kafka.address, topic).values())) == 1000
