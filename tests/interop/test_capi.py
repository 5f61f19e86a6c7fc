"""The library: from Python with pyarrow at the other end (check_capi.py), as it is and under ASan, and from C and C++ as it is installed."""
import os
import subprocess
import sys

import parts

CHECK = f"{parts.ROOT}/tests/interop/check_capi.py"


def library():
    path = f"{os.path.dirname(parts.binary())}/liblevada.so"
    assert os.access(path, os.R_OK), f"there is no {path}"
    return path


def check(path, **env):
    out = parts.run(sys.executable, CHECK, path, timeout=300, env={**os.environ, **env}).stdout
    assert "failures: 0" in out


def runtime(name):
    return parts.run("gcc", f"-print-file-name={name}").stdout.strip()


def test_from_python():
    if "libasan" in parts.run("ldd", library()).stdout:
        return test_under_asan()
    check(library())


def test_under_asan():
    path = f"{parts.ROOT}/build/dev/liblevada.so"
    assert os.access(path, os.R_OK), f"there is no {path}: build the dev preset"
    check(path, LD_PRELOAD=runtime("libasan.so"), ASAN_OPTIONS="detect_leaks=0")


def test_only_the_interface_is_visible():
    names = [line.split()[-1] for line in parts.run("nm", "-D", "--defined-only", library()).stdout.splitlines()]
    assert names and all(name.startswith("levada_") for name in names), names


def test_c_and_cpp_as_installed(tmp_path):
    parts.run("cmake", "--install", os.path.dirname(library()), "--prefix", tmp_path / "usr")
    folder = next((tmp_path / "usr").glob("lib*/**/pkgconfig"))
    env = {**os.environ, "PKG_CONFIG_PATH": str(folder), "LD_LIBRARY_PATH": str(folder.parent)}
    flags = parts.run("pkg-config", "--cflags", "--libs", "levada", env=env).stdout.split()
    extra = ["-fsanitize=address"] if "libasan" in parts.run("ldd", library()).stdout else []
    program = tmp_path / "query"
    parts.run("gcc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *extra, f"{parts.ROOT}/examples/capi/query.c", "-o", program, *flags)
    out = parts.run(program, tmp_path, "SELECT s, CAST(id AS STRING) AS id FROM VALUES (1, 'a'), (2, NULL) AS t(id, s)", env=env).stdout
    assert out == "a\t1\nNULL\t2\n"
    p = parts.run(program, tmp_path, "SELECT 1/0", env=env, check=False)
    assert p.returncode == 1 and "[DIVIDE_BY_ZERO]" in p.stderr and "SQLSTATE: 22012" in p.stderr
    assert subprocess.run(["gcc", "-x", "c++", "-fsyntax-only", "-Wall", "-Werror", *flags[:1], "-"], env=env, text=True, check=False,
                          input="#include <levada.h>\nint main() { return levada_version() == nullptr; }\n").returncode == 0
