USE SCHEMA iot;  SET spark.sql.shuffle.partitions = 8;
CREATE OR REFRESH STREAMING TABLE bronze
( CONSTRAINT has_ts EXPECT (event_ts IS NOT NULL) ON VIOLATION DROP ROW )
TBLPROPERTIES ('delta.autoOptimize.autoCompact'='true') AS
SELECT e.*, to_timestamp(e.ts) AS event_ts, offset, partition
FROM (SELECT from_json(value::string, 'device STRING, ts STRING, temp DOUBLE') AS e, offset, partition
      FROM STREAM read_kafka(bootstrapServers => 'ns.servicebus.windows.net:9093', subscribe => 'telemetry',
        startingOffsets => 'earliest', `kafka.security.protocol` => 'SASL_SSL', `kafka.sasl.mechanism` => 'PLAIN',
        `kafka.sasl.jaas.config` => 'org.apache.kafka.common.security.plain.PlainLoginModule required username="$ConnectionString" password="'
                                    || secret('eh','conn') || '";'));
CREATE OR REFRESH STREAMING TABLE gold AS
SELECT window.start, window.end, device, avg(temp) AS avg_temp, count(*) AS n
FROM STREAM bronze WATERMARK event_ts DELAY OF INTERVAL 10 MINUTES
GROUP BY window(event_ts, '5 minutes'), device;
SET; SET a.b; SET spark.sql.session.timeZone = America/New_York; SET k = 'quoted text'; SET k = a = b 'c' ;
SET TIME ZONE 'UTC'; SET k =; RESET; RESET a.b; USE a.b; SET `odd key` = 1;
CREATE TEMPORARY VIEW v AS SELECT * FROM STREAM read_kafka(subscribe => '${topic}');
CREATE OR REPLACE TEMP VIEW v (a COMMENT 'x', b) COMMENT 'view' AS SELECT 1, 2;
CREATE STREAMING TABLE IF NOT EXISTS s.t (a INT NOT NULL COMMENT 'c', b STRUCT<x: INT, y: ARRAY<MAP<STRING, INT>>>)
  USING DELTA PARTITIONED BY (day, `odd name`) LOCATION '/tmp/x' COMMENT 'it''s' CLUSTER BY AUTO AS SELECT 1;
CREATE MATERIALIZED VIEW m SCHEDULE EVERY 1 HOUR AS SELECT 1;
CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM s;
OPTIMIZE t ZORDER BY (a); VACUUM t RETAIN 7 HOURS; DESCRIBE HISTORY t; CREATE TABLE x (a INT); INSERT INTO t VALUES (1);
EXPLAIN SELECT 1; EXPLAIN EXTENDED SELECT 1
;
SET spark.a = user@host/{x}; SET a = @;
