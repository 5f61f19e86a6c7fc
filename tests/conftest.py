import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "lib"))

import parts
import pytest


@pytest.fixture(scope="session", autouse=True)
def program():
    """Nothing here means anything without the program: fail, never skip."""
    try:
        return parts.binary()
    except RuntimeError as e:
        pytest.exit(str(e), returncode=2)


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    with parts.Hub(tmp_path_factory.mktemp("hub")) as hub:
        yield hub


@pytest.fixture(scope="session")
def kafka():
    with parts.KafkaBroker(KAFKA_JIT="1") as broker:
        yield broker


@pytest.fixture
def topic(request):
    """A topic's name of this test's own."""
    return "t-" + "".join(c if c.isalnum() else "-" for c in request.node.name)[:80]
