"""Log files: every line lands in an event or is named, with its time in UTC."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab.core.errors import BadInput
from lab.core.progress import drain
from lab.core.workspace import Workspace
from lab.flows.ingest import LoadSummary, ingest, preview

JAVA = """2026-01-02 10:00:00,123 INFO [main] com.x.App: started
2026-01-02 10:00:01,123 ERROR [main] com.x.App: failed
java.lang.IllegalStateException: no
\tat com.x.App.run(App.java:10)
Caused by: java.io.IOException: disk
\t... 3 more
garbage here

2026-01-02 10:00:02,000 WARN [w-1] com.x.App: retry
"""


def load(ws: Workspace, path: Path, **mapping) -> LoadSummary:
    summary = drain(ingest(ws, path, {"dataset": "events", **mapping}))
    assert summary.rows_read == summary.rows_loaded + summary.rows_rejected
    assert summary.physical_lines == sum(summary.lines.values())
    return summary


def put(tmp_path: Path, text: str, name: str = "app.log") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_stack_trace_belongs_to_its_event(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, JAVA)
    assert [one.key for one in preview(ws, path).questions] == ["timezone"]
    with pytest.raises(BadInput, match="no time zone"):
        load(ws, path)
    summary = load(ws, path, timezone="Europe/Berlin")
    assert (summary.rows_loaded, summary.rows_rejected) == (3, 1)
    assert summary.lines == {"row": 7, "bad": 1, "blank": 1}
    rows = ws.store.rows("SELECT timestamp, level, component, message, line_number FROM events")
    assert rows[0] == (
        datetime(2026, 1, 2, 9, 0, 0, 123000, UTC), "INFO", "com.x.App", "started", 1,
    )  # fmt: skip
    assert rows[1][3].splitlines()[0] == "failed"
    assert rows[1][3].splitlines()[-1] == "\t... 3 more"
    assert [row[4] for row in rows] == [1, 2, 9]
    ((line, reason, text),) = ws.store.rows("SELECT line, reason, text FROM rejects")
    assert (line, text) == (7, "garbage here")
    assert "does not fit the pattern <time> <level> [<thread>] <component>: <message>" in reason


def test_year_that_is_not_said_goes_up_after_december(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "".join(
        f"{day} 10:00:00 web sshd[{i}]: it is {i}\n"
        for i, day in enumerate(["Dec 30", "Dec 31", "Jan  1", "Jan  2"])
    ))  # fmt: skip
    os.utime(path, (datetime(2025, 1, 3, tzinfo=UTC).timestamp(),) * 2)
    found = preview(ws, path)
    assert any("name no year; the file is from 2024" in doubt for doubt in found.doubts)
    load(ws, path, timezone="UTC")
    days = [row[0].date().isoformat() for row in ws.store.rows("SELECT timestamp FROM events")]
    assert days == ["2024-12-30", "2024-12-31", "2025-01-01", "2025-01-02"]
    load(ws, path, timezone="UTC", reading={"year": 2019})
    assert ws.store.rows("SELECT min(year(timestamp)) FROM events") == [(2019,)]


def test_own_pattern_and_a_wrong_one(ws: Workspace, tmp_path: Path) -> None:
    path = put(
        tmp_path, "ann|put|2026-01-02T10:00:00Z|x|y\nbob|get|2026-01-02T10:00:01Z|z\n", "a.txt"
    )
    summary = load(ws, path, reading={"pattern": "<user>|<action>|<time>|<message>"})
    assert summary.rows_loaded == 2
    assert ws.store.rows("SELECT user, message FROM events") == [("ann", "x|y"), ("bob", "z")]
    with pytest.raises(BadInput, match=r"No line of a\.txt fits"):
        load(ws, path, reading={"pattern": "<level> <message>"})


def test_access_log_has_numbers_and_a_zone(ws: Workspace, tmp_path: Path) -> None:
    line = '10.0.0.1 - - [10/Oct/2025:13:55:36 -0700] "GET /a HTTP/1.0" 200 - "-" "curl"\n'
    summary = load(ws, put(tmp_path, line * 3, "access.log.1"))
    assert summary.mapping["types"]["status"] == "integer"
    assert ws.store.rows("SELECT DISTINCT timestamp, status, bytes FROM events") == [
        (datetime(2025, 10, 10, 20, 55, 36, tzinfo=UTC), 200, None)
    ]


def test_damaged_bytes_are_turned_away(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(b"2026-01-02T10:00:00Z INFO a: \xc3\xa9\n2026-01-02T10:00:01Z INFO a: \xff\n"
                     b"2026-13-45T10:00:01Z INFO a: when\n"
                     b"2026-01-02T10:00:01Z INFO a: ok \xc3\xa9\n")  # fmt: skip
    assert load(ws, path).rows_rejected == 2


def test_table_of_text_is_no_log(ws: Workspace, tmp_path: Path) -> None:
    path = put(tmp_path, "time,level,text\n2026-01-02T10:00:00Z,INFO,a\n" * 3, "table.txt")
    assert preview(ws, path).source.format.name == "csv"


def test_seconds_since_1970_tell_the_time_beside_another(ws: Workspace, tmp_path: Path) -> None:
    line = "- 111783857{} 2005.06.03 R02 2005-06-03-15.42.5{}.675872 R02 RAS KERNEL INFO it is so\n"
    path = put(tmp_path, "".join(line.format(i, i) for i in range(3)))
    assert load(ws, path).rows_loaded == 3
    assert ws.store.rows("SELECT min(timestamp) FROM events") == [
        (datetime(2005, 6, 3, 22, 42, 50, tzinfo=UTC),)
    ]
