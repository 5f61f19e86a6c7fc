"""Documents to decode, a line each: `documents.py SHAPE COUNT FILE`. The same seed makes the same file."""
import json
import random
import sys

WORDS = "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa".split()


def flat(r, i):
    return {"deviceId": f"device-{r.randrange(10000):06d}", "temperature": r.randrange(4000) / 100, "humidity": r.randrange(1000) / 10,
            "pressure": (r.randrange(5000) + 98000) / 100, "at": f"2026-06-01T{r.randrange(24):02d}:{r.randrange(60):02d}:{r.randrange(60):02d}.{r.randrange(1000):03d}Z"}


def nested(r, i):
    site = {"city": r.choice(WORDS), "geo": {"lat": r.randrange(-9000, 9000) / 100, "lon": r.randrange(-18000, 18000) / 100}}
    return {"id": i, "device": {"name": f"device-{r.randrange(10000)}", "site": site}, "reading": {"t": r.randrange(4000) / 100, "ok": r.random() < 0.9}}


def escaped(r, i):
    text = " ".join(r.choice(WORDS) for _ in range(12))
    return {"id": i, "message": text.replace("delta", "\"delta\"\n").replace("echo", "é\\"), "path": "C:\\" + "\\".join(r.choice(WORDS) for _ in range(4))}


def long(r, i):
    d = {"first": i}
    for k in range(60):
        d[f"key_{k}"] = [[r.randrange(1000), r.random()], {"w": r.choice(WORDS), "v": [True, None, r.randrange(10)]}, " ".join(r.choice(WORDS) for _ in range(14))]
        if k == 30:
            d["middle"] = r.choice(WORDS)
    d["last"] = r.randrange(10000) / 8
    return d


def items(r, i):
    return {"id": i, "items": [{"n": r.randrange(1000), "price": r.randrange(100000) / 100, "name": r.choice(WORDS)} for _ in range(r.randrange(5, 15))]}


SHAPES = {f.__name__: f for f in (flat, nested, escaped, long, items)}

if __name__ == "__main__":
    shape, count, path = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    random_source = random.Random(shape)
    with open(path, "w", encoding="utf-8") as f:
        for n in range(count):
            f.write(json.dumps(SHAPES[shape](random_source, n), ensure_ascii=shape == "escaped" and n % 2 == 0, separators=(",", ":")) + "\n")
