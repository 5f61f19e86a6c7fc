"""Parquet files both ways against pyarrow and DuckDB: runs check_parquet.py on the tool of the unit tests."""
import os
import sys

import parts


def test_against_other_readers_and_writers():
    tool = f"{parts.ROOT}/build/dev/tests/test_parquet_tool"
    assert os.access(tool, os.X_OK), f"{tool} is missing: build the dev preset"
    out = parts.run(sys.executable, f"{parts.ROOT}/tests/interop/check_parquet.py", tool, timeout=300).stdout
    assert "failures: 0" in out and "read by pyarrow and DuckDB" in out
