"""The sensor pipeline in PySpark: what sensors.sql does, with the same table as a result.

    spark-submit --packages org.apache.spark:spark-sql-kafka-0-10_2.13:4.2.0,io.delta:delta-spark_4.2_2.13:4.4.0 \\
        sensors.py BOOTSTRAP_SERVERS TOPIC STORAGE [--available-now]

On Databricks the session is there already: call `start(spark, …)`.
"""
import sys

from pyspark.sql import SparkSession
from pyspark.sql.functions import col, from_json

SCHEMA = "deviceId STRING, temperature DOUBLE, humidity DOUBLE, pressure DOUBLE, timestamp TIMESTAMP"


def start(spark, bootstrap_servers, topic, storage, **trigger):
    events = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", bootstrap_servers)
        .option("subscribe", topic)
        .option("startingOffsets", "earliest")
        .load()
        .select(from_json(col("value").cast("string"), SCHEMA).alias("e"), col("timestamp").alias("eventHubTimestamp"))
        .select("e.*", "eventHubTimestamp")
    )
    writer = (
        events.writeStream.format("delta")
        .outputMode("append")
        .option("checkpointLocation", f"{storage}/checkpoints/sensor_data")
    )
    if trigger:
        writer = writer.trigger(**trigger)
    return writer.start(f"{storage}/tables/sensor_data")


if __name__ == "__main__":
    servers, topic, storage, *rest = sys.argv[1:]
    spark = (
        SparkSession.builder.appName("sensors")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .getOrCreate()
    )
    trigger = {"availableNow": True} if rest == ["--available-now"] else {}
    start(spark, servers, topic, storage, **trigger).awaitTermination()
