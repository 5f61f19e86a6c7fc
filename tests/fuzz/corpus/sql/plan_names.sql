-- how columns are called without AS
SELECT id, ID, t.id, Name, p.x, p.q.z, p, m['a'], tags[0] FROM t;
SELECT temp * 2, -id, upper(NAME), UPPER(name), id + big, name || 'x', 'text', 1, 1.5, 1e3, NULL, true FROM t;
SELECT CAST(id AS STRING), id::bigint, CAST(id + 1 AS STRING), CAST(p.x AS STRING), string(id), TRY_CAST(name AS INT) FROM t;
SELECT id = 1, id <> 1, id <=> 1, NOT flag, flag AND id > 1 OR false, name IS NULL, name IS NOT NULL, flag IS TRUE FROM t;
SELECT id BETWEEN 1 AND 2, id NOT BETWEEN 1 AND 2, id IN (1, 2), id NOT IN (1), name LIKE 'a%', name NOT LIKE 'b' FROM t;
SELECT CASE WHEN id = 1 THEN 'a' ELSE 'b' END, CASE id WHEN 1 THEN 'a' WHEN 2 THEN 'b' END, if(flag, 1, 2), coalesce(id, 0) FROM t;
SELECT from_json(name, 'a INT, b STRING'), current_timestamp(), current_timestamp, DATE'2024-01-01', X'1F', id % 2, id DIV 2, power(temp, 2) FROM t;
SELECT temp / 2, x * x, x + 1, id * 1.5, id + 1L, ~id, id & 1, sqrt(temp), round(temp, 1) FROM t;
