"""Parquet files both ways against pyarrow, DuckDB and Spark: runs check_parquet*.py on the tool of the unit tests."""
import os
import sys

import parts


TOOL = f"{parts.ROOT}/build/dev/tests/test_parquet_tool"


def check(script):
    assert os.access(TOOL, os.X_OK), f"{TOOL} is missing: build the dev preset"
    out = parts.run(sys.executable, f"{parts.ROOT}/tests/interop/{script}", TOOL, timeout=600).stdout
    assert "failures: 0" in out
    return out


def test_against_other_readers_and_writers():
    assert "read by pyarrow and DuckDB" in check("check_parquet.py")


def test_against_spark():
    assert "read by Spark" in check("check_parquet_spark.py")
