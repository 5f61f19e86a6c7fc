"""Spark 4.2 + delta-spark + the Kafka source, in one long-lived local session."""
import glob, json, os, tempfile

from common import BROKERS, fill, stream_sql

JARS = os.environ.get("SPARK_JARS_DIR", "")


class Engine:
    def __init__(self):
        from pyspark.sql import SparkSession
        jars = sorted(glob.glob(f"{JARS}/*.jar"))
        if not jars:
            raise SystemExit(f"no jars in {JARS}: set SPARK_JARS_DIR")
        builder = SparkSession.builder.master("local[1]").appName("accept")
        for k, v in {
            "spark.jars": ",".join(jars), "spark.driver.extraClassPath": ":".join(jars),
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.sql.warehouse.dir": tempfile.gettempdir() + "/accept-warehouse", "spark.driver.memory": "2g", "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC", "spark.ui.enabled": "false",
            "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "1",
            # INT96 cannot hold every timestamp; Levada does not write it either.
            "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
            # Only for speed.
            "spark.databricks.delta.snapshotPartitions": "1", "spark.sql.codegen.cache.maxEntries": "3000", "spark.sql.streaming.pollingDelay": "5ms", "spark.ui.showConsoleProgress": "false",
        }.items():
            builder = builder.config(k, v)
        self.spark = builder.getOrCreate()
        self.spark.sparkContext.setLogLevel("OFF")
        self.version = "spark " + self.spark.version

    def step(self, run, step, sql):
        """Runs the query to the end of what is there; None, or the error classes it failed with."""
        spark, s = self.spark.newSession(), run.scenario
        for k, v in {"spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": "1", **(s.get("conf") or {}), **(step.get("conf") or {})}.items():
            spark.conf.set(k, str(v))
        for k, v in (s.get("properties") or {}).items():
            spark.conf.set("spark.databricks.delta.properties.defaults." + k.removeprefix("delta."), str(v))
        query = None
        try:
            for name, stream in s.streams.items():
                source = spark.readStream.format("kafka").option("kafka.bootstrap.servers", BROKERS).option("kafka.allow.auto.create.topics", "false").option("subscribe", run.topics.of[name])
                for k, v in run.options(name, step).items():
                    source = source.option(k, str(v))
                source.load().createOrReplaceTempView("kafka_" + name)
                spark.sql(stream_sql(stream, "kafka_" + name)).createOrReplaceTempView(name)
            frame = spark.sql(fill(sql, run))
            for op in s.get("dataframe") or []:
                frame = getattr(frame, op["op"])(*op.get("args", []))
            writer = (frame.writeStream.format("delta").outputMode("append").trigger(availableNow=True)
                      .option("checkpointLocation", f"{run.dir}/checkpoints/out"))
            if s.get("partition_by"):
                writer = writer.partitionBy(*s.get("partition_by"))
            if step.get("merge_schema", s.get("merge_schema")):
                writer = writer.option("mergeSchema", "true")
            query = writer.start(f"{run.dir}/tables/out")
            query.awaitTermination()
            return None
        except Exception as e:
            return self.error_classes(e, query)
        finally:
            if query is not None:
                progress = [p if isinstance(p, dict) else json.loads(p.json) for p in query.recentProgress]
                if os.environ.get("ACCEPT_PROGRESS"):
                    for x in progress:
                        print("   ", x["batchId"], x["numInputRows"], json.dumps(x["durationMs"]), json.dumps(x.get("eventTime")),
                              [(o["operatorName"], o["numRowsTotal"], o["numRowsDroppedByWatermark"]) for o in x["stateOperators"]])
                query.stop()

    def error_classes(self, error, query):
        """The error classes of the chain of causes, outermost first; an exception's name where Spark gives it no class."""
        if os.environ.get("ACCEPT_VERBOSE"):
            print("   ", type(error).__name__, str(error)[:1500].replace("\n", "\n    "))
        from pyspark.errors import PySparkException
        if query is not None and query._jsq.exception().isDefined():
            cause, found = query._jsq.exception().get(), []
            while cause is not None:
                try:
                    found.append(cause.getCondition())
                except Exception:  # no SparkThrowable
                    found.append(cause.getClass().getSimpleName())
                cause = cause.getCause()
            classes = [c for c in found if c and (c.isupper() or "." in c)]
            if classes and classes[-1] != "STREAM_FAILED":
                return classes
            print("    no error class: " + str(error).split("=== Streaming Query ===")[0].strip()[:600])
            return [c for c in found if c]
        if isinstance(error, PySparkException) and error.getCondition():
            return [error.getCondition()]
        name = type(error).__name__
        if name in ("IllegalArgumentException", "AnalysisException", "ParseException", "UnsupportedOperationException"):
            return [name]
        raise error

    def close(self):
        self.spark.stop()
