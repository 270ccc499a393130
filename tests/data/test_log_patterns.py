"""Log patterns: what people write, what programs write, and what a hostile line may cost."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.core.errors import BadInput
from lab.data.log_catalogue import CATALOGUE, LOOSE, NEARLY, NEEDED, guess_log
from lab.data.log_patterns import MAX_HEADER_CHARS, line_pattern
from lab.data.log_times import form_of, iso
from lab.data.logfmt import logfmt_pairs

# One line as each program writes it, and what its head says.
WRITTEN = {
    "17/06/09 20:10:40 INFO executor.Backend: It is ready": ("INFO", "executor.Backend"),
    "2015-10-18 18:01:47,978 INFO [main] org.apache.App: Created it": ("INFO", "org.apache.App"),
    "081109 203615 148 INFO dfs.DataNode$Packet: It ends": ("INFO", "dfs.DataNode$Packet"),
    "03-17 16:13:38.811  1702  2395 D WindowManager: printFreezing": ("D", "WindowManager"),
    "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok": ("notice", None),
    "2016-09-28 04:30:30, Info                  CBS    Loaded it": ("Info", "CBS"),
    "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: check pass": (None, "sshd(pam_unix)"),
    "- 1117838570 2005.06.03 R02-M1 2005-06-03-15.42.50.675872 R02-M1 RAS KERNEL INFO it is so":
        ("INFO", "KERNEL"),
    "[10.30 16:49:06] chrome.exe - proxy.example:5070 open through it": (None, "chrome.exe"),
    "2026-01-02 10:00:00,123 - app.core - WARNING - low on disk": ("WARNING", "app.core"),
    "2026-01-02T10:00:00.123Z  INFO 4711 --- [main] c.e.App : Started it": ("INFO", "c.e.App"),
    "2026/01/02 10:00:00 [error] 31#31: *1 open() failed": ("error", None),
    "[Wed Oct 11 14:32:52.123456 2023] [core:error] [pid 35] [client 10.0.0.1:80] denied":
        ("error", "core"),
    "I0102 15:04:05.123456       1 server.go:12] Serving it": ("I", "server.go:12"),
    "<165>1 2026-01-02T10:00:00Z host app 111 ID47 - it works": (None, "app"),
    "10:00 it is": None,
}  # fmt: skip
LOGHUB = {
    "HealthApp": {"component": "Component", "pid": "Pid", "message": "Content"},
    "Mac": {"host": "User", "component": "Component", "pid": "PID", "address": "Address",
            "message": "Content"},
    "OpenSSH": {"host": "Component", "pid": "Pid", "message": "Content"},
    "OpenStack": {"file": "Logrecord", "pid": "Pid", "level": "Level", "component": "Component",
                  "request": "ADDR", "message": "Content"},
    "Thunderbird": {"label": "Label", "epoch": "Timestamp", "date": "Date", "node": "User",
                    "place": "Location", "component": "Component", "pid": "PID",
                    "message": "Content"},
    "Zookeeper": {"level": "Level", "node": "Node", "component": "Component", "id": "Id",
                  "message": "Content"},
}  # fmt: skip


@pytest.mark.parametrize("line", WRITTEN)
def test_usual_programs_are_known(line: str) -> None:
    found = guess_log([line] * 5, loose=False)
    if WRITTEN[line] is None:
        assert found is None
        return
    values = found.pattern.match(line)
    assert (values.get("level"), values.get("component")) == WRITTEN[line]
    assert iso(values["time"], form_of([values["time"]]), 2026)[:2] == "20"


@pytest.mark.parametrize("system", LOGHUB)
def test_header_fields_of_real_logs(shared_data: Path, system: str) -> None:
    """The structured truth of the Loghub samples: every field of every line."""
    folder = shared_data / "loghub_2k" / system
    with (folder / f"{system}_2k.log_structured.csv").open(encoding="utf-8", newline="") as stream:
        truth = list(csv.DictReader(stream))
    text = (folder / f"{system}_2k.log").read_text(encoding="utf-8")
    lines = [line.rstrip("\r") for line in text.split("\n")][: len(truth)]
    pattern = guess_log(lines, loose=True).pattern
    for line, row in zip(lines, truth, strict=True):
        values = pattern.match(line)
        wanted = {ours: row[theirs].strip() for ours, theirs in LOGHUB[system].items()}
        assert {name: values[name] for name in wanted} == wanted, line


def test_own_pattern() -> None:
    pattern = line_pattern("<time> {<level> }({<user>}) <action>=<what+> -> <message>")
    assert pattern.match("2026-01-02 10:00:00 WARN (ann) put=two words -> done: a -> b") == {
        "time": "2026-01-02 10:00:00", "level": "WARN", "user": "ann", "action": "put",
        "what": "two words", "message": "done: a -> b",
    }  # fmt: skip
    assert pattern.match("2026-01-02 10:00:00 (ann) put=x -> done")["level"] == ""
    assert pattern.match("ann put=x") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1 to 500 characters"),
        ("no values", "1 to 20 values"),
        ("<a> <a>", "names <a> twice"),
        ("<a><b> x", "where <a> ends"),
        ("<message> <level>", "stands last"),
        ("{<a> <level>", "not closed"),
        ("{{<level>}} <message>", "not into each other"),
        ("<level>" * 25, "1 to 20 values"),
    ],
)
def test_pattern_that_is_refused(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as told:
        line_pattern(text)
    assert "<time> <level>" in told.value.hint


@pytest.mark.timeout(120)
def test_hostile_lines_cost_little() -> None:
    """What makes naive regular expressions run for years; it takes a fraction of a second."""
    patterns = [line_pattern(text) for _, text in CATALOGUE]
    patterns.append(line_pattern("<a+>x{<b+>x}{<c+>x}{ }{ }{ }{ }{ }{ }{ }{ }<level> <message>"))
    size = 20 * MAX_HEADER_CHARS
    for unit in ("a ", " ", "x", "[", "(1) ", "a:", "- ", "2026-01-02 10:00:00 ", '"', "<1>"):
        for pattern in patterns:
            pattern.match(unit * (size // len(unit)))


def test_logfmt() -> None:
    assert logfmt_pairs("a=1 b=") == {"a": "1", "b": ""}
    assert logfmt_pairs("only=one") is None
    assert logfmt_pairs("a=1 and words") is None
    assert logfmt_pairs('a="open b=2') is None
    assert logfmt_pairs(r'a="say \"hi\"" b=2') == {"a": 'say "hi"', "b": "2"}


@given(st.lists(st.sampled_from([*WRITTEN, "10:00 x", "no log"]), min_size=1))
def test_guess_is_that_of_all_lines_and_patterns(lines: list[str]) -> None:
    """Patterns that fit too few lines are given up early, which must not change the guess."""
    lines = lines * 7
    fit = {}
    for _, text in (*CATALOGUE, *LOOSE):
        pattern = line_pattern(text)
        fit.setdefault(text, sum(pattern.match(line) is not None for line in lines) / len(lines))
    best = max(fit.values())
    wanted = next(text for text, share in fit.items() if share >= best - NEARLY)
    found = guess_log(lines, loose=True)
    assert (found and found.pattern.text) == (wanted if best >= NEEDED else None)
    assert found is None or found.share == pytest.approx(fit[wanted])
