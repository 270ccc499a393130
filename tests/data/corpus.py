"""The bad files: each built on the spot, with what must come of it.

``loaded`` and ``rejected`` are rows; ``error`` is part of the message when the file is refused as
a whole. A file that is refused names no counts.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Bad:
    """One bad file and its golden outcome."""

    name: str
    content: Callable[[], bytes]
    loaded: int = 0
    rejected: int = 0
    error: str = ""
    lines: tuple[int, ...] = ()
    reason: str = ""
    mapping: dict[str, object] | None = None


def rows(count: int, start: int = 1) -> str:
    return "".join(f"{i},name {i}\n" for i in range(start, start + count))


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("inside.csv", "a,b\n1,2\n")
    return target.getvalue()


def parquet(count: int = 10) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = io.BytesIO()
    pq.write_table(pa.table({"a": list(range(count)), "b": ["x"] * count}), target)
    return target.getvalue()


def parquet_bomb() -> bytes:
    """60 million rows of one repeated value in a few kilobytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    target = io.BytesIO()
    batch = pa.table({"a": pa.array([0] * 1_000_000, pa.int8())})
    with pq.ParquetWriter(target, batch.schema, compression="zstd") as writer:
        for _ in range(60):
            writer.write_table(batch, row_group_size=1_000_000)
    return target.getvalue()


def gzip_bomb() -> bytes:
    return gzip.compress(b"a,b\n" + b"0,0\n" * 30_000_000, compresslevel=9)


def deep_json() -> bytes:
    deep = "[" * 100_000 + "]" * 100_000
    return ('{"a": 1}\n{"a": ' + deep + '}\n{"a": 2}\n').encode()


def late_flip() -> bytes:
    return ("id,name\n" + rows(8_000) + "eight,late\n" + rows(50, 8_001)).encode()


CORPUS = (
    Bad("empty.csv", lambda: b"", error="is empty"),
    Bad("only_blank.csv", lambda: b"\n\n\n", error="no rows"),
    Bad("header_only.csv", lambda: b"a,b,c\n", error="header but no rows"),
    Bad("ragged.csv", lambda: b"a,b,c\n1,2\n3,4,5,6\n7,8,9\n", 1, 2, lines=(2, 3),
        reason="2 cells where the header has 3"),
    Bad("all_ragged.csv", lambda: b"a,b,c\n1,2\n3,4,5,6\n", error="No row of all_ragged.csv"),
    Bad("unterminated_quote.csv", lambda: b'id,name\n1,"never closed\n2,two\n3,three\n', 2, 1,
        lines=(2,), reason="never closed"),
    Bad("text_after_quote.csv", lambda: b'id,name\n1,"a"b\n2,two\n', 1, 1, lines=(2,),
        reason="after a closing quote"),
    Bad("binary.csv", lambda: bytes(range(256)) * 8, error="is binary"),
    Bad("zip_as.csv", zipped, loaded=1),
    Bad("duplicate_names.csv", lambda: b"a,b,A\n1,2,3\n", error="two columns"),
    Bad("bom.csv", lambda: b"\xef\xbb\xbfid,name\n1,one\n2,two\n", 2),
    Bad("utf16.csv", lambda: "id,name\n1,Zoë\n2,two\n".encode("utf-16"), 2),
    Bad("latin1.csv", lambda: "id,name\n1,Zoë\n2,Åsa\n".encode("latin-1"), 2),
    Bad("mixed_newlines.csv", lambda: b"id,name\r\n1,one\n2,two\r3,three\r\n", 3),
    Bad("mixed_encodings.csv",
        lambda: "id,name\n1,Zoë\n2,Åsa\n3,Jürgen\n".encode() + "4,Zoë\n".encode("latin-1"), 3, 1,
        lines=(5,), reason="not UTF-8"),
    Bad("long_line.csv", lambda: b"id,name\n1,one\n2," + b"x" * 3_000_000 + b"\n3,three\n", 2, 1,
        lines=(3,), reason="cell longer than"),
    Bad("late_flip.csv", late_flip, 8_050, 1, lines=(8_002,), reason="eight is not a whole number"),
    Bad("nul.csv", lambda: b"id,name\n1,one\n2,t\0wo\n3,three\n", 2, 1, lines=(3,), reason="NUL"),
    Bad("decimal_comma.csv", lambda: b"id;size\n1;1,5\n2;2,25\n", 2),
    Bad("no_final_newline.csv", lambda: b"id,name\n1,one\n2,two", 2),
    Bad("quoted_newlines.csv", lambda: b'id,name\n1,"one\ntwo\r\nthree"\n2,b\n', 2),
    Bad("trailing_blank.csv", lambda: b"id,name\n1,one\n\n,\n2,two\n\n\n", 2),
    Bad("huge_numbers.csv",
        lambda: b"id,size\n1,1.5\n2,1e999\n99999999999999999999,2.5\n" + b"".join(
            b"%d,2.5\n" % i for i in range(3, 23)), 21, 2, lines=(3, 4), reason="too large"),
    Bad("long_ids.csv", lambda: b"id,size\n" + b"".join(
        b"%d,1\n" % (2**63 + i) for i in range(9)), 9),
    Bad("truncated.parquet", lambda: parquet()[:-40], error="truncated.parquet"),
    Bad("corrupt.parquet", lambda: b"PAR1" + b"\x5a" * 500 + b"PAR1", error="corrupt.parquet"),
    Bad("bomb.parquet", parquet_bomb, error="60\u202f000\u202f000 rows"),
    Bad("bomb.csv.gz", gzip_bomb, error="not how a table packs"),
    Bad("truncated.csv.gz", lambda: gzip.compress(("a,b\n" + rows(5_000)).encode())[:-300],
        error="damaged"),
    Bad("deep.jsonl", deep_json, 2, 1, lines=(2,), reason="nested too deeply"),
    Bad("broken.jsonl", lambda: b'{"a": 1}\n{"a": 2\nnull\n{"a": 3, "a": 4}\n{"a": 5}\n', 2, 3,
        lines=(2, 3, 4), reason="is not JSON"),
    Bad("array.json", lambda: json.dumps([{"a": 1}]).encode(), loaded=1),
    Bad("repeats.csv", lambda: b"time,cpu\n2026-01-01T00:00Z,1\n2026-01-01T00:01Z,2\n"
        b"2026-01-01T00:00Z,3\n", 2, 1, lines=(4,), reason="of line 2"),
    Bad("quoted_key.csv", lambda: b"o'clock,cpu\n1,1\n2,2\n1,3\n", 2, 1, lines=(4,),
        reason="the key (o'clock) of line 2", mapping={"key": ["o'clock"]}),
    Bad("mixed_zones.csv", lambda: b"time,cpu\n2026-01-01T00:00Z,1\n2026-01-01T00:01Z,2\n"
        b"2026-01-01 00:02,3\n", 2, 1, lines=(4,), reason="carries no time zone"),
    Bad("naive.csv", lambda: b"time,cpu\n2026-01-01 00:00,1\n", error="no time zone"),
    Bad("spring.csv", lambda: b"time,cpu\n2026-03-29 00:30,1\n2026-03-29 01:30,2\n"
        b"2026-03-29 02:30,3\n", 2, 1, lines=(3,), reason="put forward",
        mapping={"timezone": "Europe/London"}),
    Bad("autumn.csv", lambda: b"time,cpu\n2026-10-25 00:30,1\n2026-10-25 01:30,2\n"
        b"2026-10-25 02:30,3\n", 2, 1, lines=(3,), reason="put back",
        mapping={"timezone": "Europe/London"}),
    Bad("day_or_month.csv", lambda: b"day,size\n02/03/2026,1\n04/05/2026,2\n",
        error="read in two ways"),
    Bad("comma_or_thousand.csv", lambda: b'id;size\n1;1,500\n2;2,250\n', error="read in two ways"),
    Bad("cr_only.csv", lambda: b"id,name\r1,one\r2,two\r", 2),
    Bad("utf32.csv", lambda: "id,name\n1,Zoë\n2,two\n".encode("utf-32"), 2),
    Bad("constant.csv", lambda: b"id,name\n" + b"".join(b"%d,same\n" % i for i in range(20)), 20),
    Bad("nan_inf.csv", lambda: b"id,size\n1,1.5\n2,NaN\n3,inf\n4,2.5\n" + b"".join(
        b"%d,%d.5\n" % (i, i) for i in range(5, 30)), 28, 1, lines=(4,), reason="not a number"),
    Bad("out_of_order.csv", lambda: b"time,cpu\n2026-01-01T00:02Z,3\n2026-01-01T00:00Z,1\n"
        b"2026-01-01T00:01Z,2\n", 3),
    Bad("clock_jump.csv", lambda: b"time,cpu\n2026-01-01T00:00Z,1\n2026-01-01T00:01Z,2\n"
        b"2025-12-31T23:59Z,3\n2026-01-01T00:01Z,4\n", 3, 1, lines=(5,), reason="of line 3"),
    Bad("dst_gap.csv", lambda: b"time,cpu\n2026-03-29 01:30,1\n2026-03-29 02:30,2\n"
        b"2026-03-29 03:30,3\n", 2, 1, lines=(3,), reason="put forward",
        mapping={"timezone": "Europe/Berlin"}),
    Bad("stray_quote.csv", lambda: b'id,name,size\n1,"a,5\n2,b,6\n3,c,7\n', 2, 1, lines=(2,),
        reason="never closed"),
    Bad("page.csv", lambda: b"\n<!DOCTYPE html>\n<html><body>404</body></html>\n",
        error="a web page"),
    Bad("markup.xml", lambda: b"<?xml version='1.0'?><rows><a>1</a></rows>", error="an XML"),
    Bad("scalars.json", lambda: b"[1, 2, 3]", error="no JSON object"),
    Bad("half_and_half.csv", lambda: "id,name\n1,Zoë\n".encode() + "2,Zoë\n".encode("latin-1"),
        1, 1, lines=(3,), reason="not UTF-8"),
    Bad("zoned_first.csv", lambda: b"time,cpu\n2026-01-01T00:00Z,1\n2026-01-01 00:01,2\n"
        b"2026-01-01 00:02,3\n", error="such as 2026-01-01 00:01 carry no time zone"),
    Bad("mended.csv", lambda: b"id,name,size\n1,a,5\n2,,b,6\n3,c,7\n", 3,
        mapping={"dialect": {"repair": True}}),
)  # fmt: skip
