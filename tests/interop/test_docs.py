"""The commands of README.md and docs/ are run as they stand, but for ports and folders; what runs without end is ended as Ctrl-C does."""
import os
import re
import subprocess

import pytest

import parts

PAGES = ["README.md", *sorted(f"docs/{f}" for f in os.listdir(f"{parts.ROOT}/docs") if f.endswith(".md"))]


def blocks(language):
    found = []
    for page in PAGES:
        with open(f"{parts.ROOT}/{page}", encoding="utf-8") as f:
            for i, text in enumerate(re.findall(rf"^```{language}\n(.*?)^```", f.read(), re.M | re.S)):
                found.append(pytest.param(text, id=f"{page}-{i}"))
    return found


@pytest.mark.parametrize("text", blocks("sh"))
def test_commands(text, tmp_path):
    port = parts.free_port()
    os.symlink(f"{parts.ROOT}/examples", tmp_path / "examples")
    os.mkdir(tmp_path / "bin")
    os.symlink(parts.binary(), tmp_path / "bin/levada")
    wait = f"until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.05; done"
    script = text.replace("/var/lib/levada", str(tmp_path / "hub")).replace(":9092", f":{port}")
    script = re.sub(r"^levada hub (.*)$", rf"levada hub --listen 127.0.0.1:{port} \1\n{wait}", script, flags=re.M)
    script = re.sub(r"^levada run ", "timeout -s INT 3 levada run ", script, flags=re.M)
    script = f"trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n{script}"
    p = subprocess.run(["bash", "-uc", script], cwd=tmp_path, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL,
                       env={**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"})
    assert p.returncode == 0 and "error[" not in p.stderr, f"{script}\n{p.stdout[-2000:]}\n{p.stderr[-3000:]}"


@pytest.mark.parametrize("text", blocks("sql"))
def test_pipelines_resolve(text, tmp_path):
    path = tmp_path / "p.sql"
    path.write_text(text)
    p = parts.levada("run", path, "--storage", tmp_path, "--explain", "--param", "topic=t", "--param", "bootstrapServers=127.0.0.1:1")
    assert p.stdout.startswith("== ")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    with open(f"{parts.ROOT}/{page}", encoding="utf-8") as f:
        for target in re.findall(r"\]\(([^)#]+)\)", f.read()):
            if "://" not in target:
                assert os.path.exists(os.path.join(parts.ROOT, os.path.dirname(page), target)), f"{page}: {target}"
