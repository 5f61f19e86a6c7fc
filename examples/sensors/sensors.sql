-- Sensor events of a hub, as rows of a Delta table: one row per event, in order of arrival.
-- The same text runs on Databricks; sensors.py does the same with PySpark.
CREATE OR REFRESH STREAMING TABLE sensor_data
COMMENT 'One row per sensor event'
AS SELECT
  e.*,
  eventHubTimestamp
FROM (
  SELECT
    from_json(
      value::string,
      'deviceId STRING, temperature DOUBLE, humidity DOUBLE, pressure DOUBLE, timestamp TIMESTAMP'
    ) AS e,
    timestamp AS eventHubTimestamp
  FROM STREAM read_kafka(
    bootstrapServers => '${bootstrapServers}',
    subscribe => '${topic}',
    startingOffsets => 'earliest'
  )
);
