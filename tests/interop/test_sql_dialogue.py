"""`levada sql` on a terminal: a dialogue, spoken to through a pseudo-terminal as a person would."""
import os
import pty
import re
import select
import signal
import subprocess
import time

import parts
import pytest

PROMPT, MORE = "levada> ", "   ...> "


class Dialogue:
    """A `levada sql` behind a terminal of 100 columns."""

    def __init__(self, tmp_path, *flags):
        self.primary, secondary = pty.openpty()
        env = {**os.environ, "TERM": "vt100", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "XDG_STATE_HOME": str(tmp_path / "state"), "COLUMNS": "100"}
        subprocess.run(["stty", "cols", "100", "rows", "40"], stdin=secondary, check=True)
        self.process = subprocess.Popen([parts.binary(), "sql", "--storage", str(tmp_path), *flags], stdin=secondary, stdout=secondary,
                                        stderr=secondary, env=env, cwd=tmp_path, start_new_session=True)
        os.close(secondary)
        self.seen = ""
        self.until(PROMPT)

    def until(self, text, seconds=20):
        """What appears until `text` does, without the escapes that move the cursor."""
        end = time.time() + seconds
        while text not in self.seen:
            ready, _, _ = select.select([self.primary], [], [], max(0, end - time.time()))
            assert ready, f"{text!r} did not come: {self.seen!r}"
            try:
                got = os.read(self.primary, 65536).decode("utf-8", "replace")
            except OSError:
                got = ""
            assert got, f"the dialogue ended before {text!r}: {self.seen!r}"
            self.seen = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", self.seen + got)
        before, self.seen = self.seen.split(text, 1)
        return before

    def type(self, text):
        os.write(self.primary, text.encode())

    def ask(self, text):
        """Types a line; what is shown until the next prompt."""
        self.type(text + "\n")
        return self.until(PROMPT)

    def end(self):
        code = self.process.wait(20)
        os.close(self.primary)
        return code


@pytest.fixture
def dialogue(tmp_path):
    d = Dialogue(tmp_path)
    yield d
    if d.process.poll() is None:
        d.process.kill()
        d.process.wait()


def test_a_statement_may_take_several_lines(dialogue):
    dialogue.type("SELECT 1 + 1 AS two,\n")
    dialogue.until(MORE)
    shown = dialogue.ask("  'a;b' AS s;")
    assert "│   2 │ a;b    │" in shown
    assert re.search(r"1 row in \d\.\d+ s", shown)


def test_an_error_points_at_its_place_and_the_dialogue_goes_on(dialogue):
    shown = dialogue.ask("SELECT upr('x');")
    assert "UNRESOLVED_ROUTINE" in shown and "^^^" in shown and "upper" in shown
    assert "│ X" in dialogue.ask("SELECT upper('x') AS u;")


def test_views_and_settings_last(dialogue):
    dialogue.ask("CREATE TEMPORARY VIEW v AS SELECT 7 AS seven; SET TIME ZONE 'America/New_York';")
    assert "│     7 │" in dialogue.ask("SELECT * FROM v;")
    assert "2024-06-30 20:00:00" in dialogue.ask("SELECT TIMESTAMP '2024-07-01 00:00:00Z' AS t;")


def test_dot_commands(dialogue, tmp_path):
    assert ".maxrows" in dialogue.ask(".help")
    dialogue.ask(".mode jsonl")
    assert '{"a":1}' in dialogue.ask("SELECT 1 AS a;")
    assert "did you mean .timer?" in dialogue.ask(".tmer on")
    dialogue.ask(".timer off")
    assert "row" not in dialogue.ask("SELECT 1 AS a;").replace("{", "")
    assert "upper(str)" in dialogue.ask(".functions upp")
    dialogue.ask(".once out.csv")
    dialogue.ask("SELECT 1 AS a, 'x' AS b;")
    assert (tmp_path / "out.csv").read_text() == "a,b\n1,x\n"
    assert '{"b":2}' in dialogue.ask("SELECT 2 AS b;"), ".once is for one statement"
    (tmp_path / "some.sql").write_text("SELECT 1 AS x; SELECT 2 AS y;")
    shown = dialogue.ask(".read some.sql")
    assert '{"x":1}' in shown and '{"y":2}' in shown


def test_tab_completes(dialogue):
    dialogue.ask("CREATE TEMPORARY VIEW sensors AS SELECT 1 AS temperature, 2 AS tempo;")
    dialogue.type("SELECT temper\tFROM\b\b\b\b, 1 FROM sens\t;\n")
    shown = dialogue.until(PROMPT)
    assert "temperature" in shown and "sensors" in shown
    dialogue.type("SELE\t")
    dialogue.until("SELECT")
    dialogue.type(" 1;\n")
    dialogue.until(PROMPT)


def test_what_there_is(dialogue):
    dialogue.ask("CREATE TEMPORARY VIEW v AS SELECT 7 AS seven, 'x' AS letter;")
    assert re.search(r"│ v +│ true", dialogue.ask(".tables"))
    shown = dialogue.ask(".schema v")
    assert re.search(r"│ seven +│ int", shown) and re.search(r"│ letter +│ string", shown)


def test_ctrl_c_drops_the_line(dialogue):
    dialogue.type("SELECT oops")
    dialogue.until("SELECT oops")
    os.killpg(dialogue.process.pid, signal.SIGINT)
    dialogue.until(PROMPT)
    assert "│    5 │" in dialogue.ask("SELECT 5 AS five;")


def test_ctrl_c_cancels_the_statement(dialogue, tmp_path):
    many = ", ".join(f"({i})" for i in range(1000))
    (tmp_path / "k.sql").write_text(f"CREATE TEMPORARY VIEW k AS SELECT * FROM VALUES {many} AS t(n);")
    dialogue.ask(".read k.sql")
    ten = " UNION ALL ".join(["SELECT n FROM k"] * 10)
    dialogue.type(f".watch SELECT count(*) AS c FROM ({ten});\n")
    dialogue.until("10000")
    os.killpg(dialogue.process.pid, signal.SIGINT)
    dialogue.until(PROMPT)


def test_history_is_kept(tmp_path):
    first = Dialogue(tmp_path)
    first.ask("SELECT 41 + 1 AS answer;")
    first.type(".quit\n")
    assert first.end() == 0
    second = Dialogue(tmp_path)
    second.type("\x1b[A")
    second.until("SELECT 41 + 1 AS answer;")
    assert "42" in second.ask("")
    second.type("\x04")
    assert second.end() == 0
    assert oct((tmp_path / "state/levada/history").stat().st_mode & 0o777) == "0o600"
