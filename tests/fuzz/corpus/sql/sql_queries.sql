WITH big AS (SELECT * EXCEPT (enqueued, partition) FROM STREAM(events) WHERE v > 1), twice AS (SELECT id AS v, v * 2 AS id, offset FROM big)
  SELECT t.*, t.id + 1 AS next, next * 10 AS ten FROM (SELECT id, v, offset AS o FROM twice) t WHERE t.id < 100;
SELECT 1 UNION ALL SELECT 2 UNION SELECT 3 EXCEPT SELECT 4 INTERSECT SELECT 5 ORDER BY 1 DESC NULLS FIRST, a LIMIT 3 OFFSET 2;
(SELECT 1) UNION ALL (SELECT 2 LIMIT 1); ((SELECT 1)); (SELECT 1) LIMIT 1;
SELECT * FROM ((SELECT 1) UNION ALL SELECT 2) t; SELECT * FROM ((SELECT 1)); SELECT * FROM (VALUES (1));
VALUES (1, 'a'), (2, 'b') AS t(x, y); SELECT * FROM VALUES (1, 'a'), (2, 'b') t; TABLE a.b;
SELECT DISTINCT a, b FROM t; SELECT ALL a FROM t;
SELECT a, count(*) FROM t GROUP BY a, GROUPING SETS ((a), ()) HAVING count(*) > 1; SELECT a FROM t GROUP BY ALL; SELECT a FROM t GROUP BY a WITH ROLLUP;
SELECT e.id FROM STREAM(events) AS e JOIN delta.`/x/y` AS d ON e.id = d.id LEFT JOIN u USING (a, b) CROSS JOIN v, w NATURAL LEFT OUTER JOIN z;
SELECT * FROM a LEFT SEMI JOIN b ON x FULL OUTER JOIN c ON y RIGHT JOIN LATERAL (SELECT 1) ANTI JOIN d;
SELECT * FROM (a JOIN b ON c) t; SELECT * FROM range(10) r(i); SELECT * FROM t TABLESAMPLE (10 PERCENT) s;
SELECT id, pos, tag FROM STREAM(events) LATERAL VIEW OUTER posexplode(tags) AS pos, tag LATERAL VIEW explode(x) e AS y;
SELECT * FROM STREAM t WITH ('skipChangeCommits' = 'true', maxFiles 3) WATERMARK to_timestamp(s) AS ts DELAY OF INTERVAL '20 0:0:0' DAY TO SECOND AS x;
SELECT * FROM STREAM read_kafka(subscribe => 'a') WATERMARK ts DELAY OF INTERVAL 1 MONTH e WHERE x;
SELECT *, a.*, t.* EXCEPT (b, c.d) FROM a, t QUALIFY row_number() OVER (ORDER BY a) = 1;
SELECT a FROM t SORT BY a; SELECT a FROM t DISTRIBUTE BY a LIMIT ALL; SELECT explode(m) AS (k, v);
SELECT posexplode(x) FROM t LATERAL VIEW json_tuple(body, 'a', 'b') AS t0, t1
