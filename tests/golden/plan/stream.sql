CREATE TEMPORARY VIEW events AS
  SELECT e.*, offset, partition, timestamp AS enqueued
  FROM (SELECT from_json(value::string, 'deviceId STRING, temperature DOUBLE, p STRUCT<x: INT>, ts TIMESTAMP') AS e, offset, partition, timestamp
        FROM STREAM read_kafka(bootstrapServers => 'localhost:9092', subscribe => '${topic}', startingOffsets => 'ear' || 'liest',
                               maxOffsetsPerTrigger => 100, `kafka.sasl.jaas.config` => 'password=' || 'x'));
CREATE OR REFRESH STREAMING TABLE readings PARTITIONED BY (day) LOCATION '/data/r' COMMENT 'c'
  TBLPROPERTIES ('delta.appendOnly' = 'true', a.b = 3, flag = true) AS
  SELECT upper(deviceId) AS device, temperature * 1.8 + 32 AS f, p.x, to_date(ts) AS day FROM STREAM(events) WHERE temperature > 1.5 AND offset >= 10;
SELECT deviceid FROM STREAM events;
SELECT deviceId FROM events;
SELECT e.deviceId, e.p.x FROM STREAM(events) AS e WHERE e.p.x IS NOT NULL;
SELECT offset FROM events UNION ALL SELECT offset + 1 FROM events;
SELECT deviceId FROM events ORDER BY deviceId;
SELECT deviceId FROM events LIMIT 1;
SELECT count(*) FROM events;
SELECT row_number() OVER (ORDER BY offset) AS r FROM events;
SELECT deviceid, count(*) AS n FROM events;
SELECT * FROM STREAM t;
SELECT * FROM STREAM nope;
SELECT * FROM STREAM read_kafka(bootstrapServers => 'x');
SELECT * FROM read_kafka(subscribe => 'x');
SELECT * FROM STREAM read_kafka('x');
SELECT * FROM STREAM read_files('x');
SELECT value FROM STREAM read_kafka(subscribe => 'a', SUBSCRIBE => 'b');
CREATE TEMPORARY VIEW batch AS SELECT id FROM u;
SELECT * FROM STREAM(batch);
CREATE TEMPORARY VIEW renamed (a, b) AS SELECT id, v FROM u;
SELECT b, a FROM renamed;
CREATE TEMPORARY VIEW loop AS SELECT * FROM loop;
SELECT * FROM loop;
CREATE STREAMING TABLE typed (deviceId STRING, temperature INT) AS SELECT * FROM STREAM(events);
CREATE STREAMING TABLE typed (deviceId INT, offset TINYINT) AS SELECT * FROM STREAM(events);
CREATE TEMPORARY VIEW bad AS SELECT nope FROM events;
SELECT * FROM bad;
SELECT a, k FROM json.`/x` WHERE b = 'y';
SELECT * FROM read_files('/x', format => 'csv', header => true);
SELECT * FROM read_files('/x', 'csv');
SELECT * FROM read_files();
SELECT * FROM kafka.`x`;
