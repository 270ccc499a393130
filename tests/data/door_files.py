"""Files of every kind that the lab can be handed, good and bad."""

import io
import json
import sqlite3
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def workbook(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def archive(path: Path, **files: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in files.items():
            target.writestr(name, content)
    return path


def locked_archive(path: Path) -> Path:
    """An archive that says its file is encrypted; Python can read such ones and write none."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        out.writestr("a.csv", "a,b\n1,2\n")
    raw = bytearray(target.getvalue())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    return path


def lying_archive(path: Path, megabytes: int) -> Path:
    """An archive whose directory says less than its file unfolds to."""
    archive(path, **{"a.csv": b"a,b\n" + b"0,0\n" * (megabytes * 250_000)})
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02") + 24
    raw[at : at + 4] = (1_000).to_bytes(4, "little")
    path.write_bytes(raw)
    return path


def wide_workbook(path: Path) -> Path:
    """Two cells in the far corners of a sheet: a few bytes that stand for 17 billion cells."""
    workbook(path, far=[["a"], [1]])
    with zipfile.ZipFile(path) as source:
        files = {name: source.read(name) for name in source.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    text = files[sheet].decode()
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    files[sheet] = text.replace("</sheetData>", far).encode()
    return archive(path, **files)


def database(path: Path, **tables: Sequence[Sequence[Any]]) -> Path:
    connection = sqlite3.connect(path)
    for name, (columns, *rows) in tables.items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
        marks = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    connection.commit()
    connection.close()
    return path


def document(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def open_document(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """A workbook as LibreOffice writes it, cut to what a reader needs."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    cells = "".join(
        "<table:table-row>"
        + "".join(
            '<table:table-cell office:value-type="string"><text:p>'
            f"{cell}</text:p></table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    content = (
        f'<office:document-content xmlns:office="{office}:office:1.0" '
        f'xmlns:table="{office}:table:1.0" xmlns:text="{office}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="S">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    files = {"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest}
    return archive(path, **files)
