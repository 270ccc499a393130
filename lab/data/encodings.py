"""Which encoding a text is in, judged by its mark, its validity and its letters."""

import re
from dataclasses import dataclass
from pathlib import Path

from lab.data.formats import Format
from lab.data.packing import open_bytes

SAMPLE_BYTES = 4_000_000
# What a guess for another script looks at; it takes time.
SCRIPT_BYTES = 50_000
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")
SCRIPTS = ("cp1250", "cp1251", "cp1253", "cp1255", "cp1256", "koi8_r", "shift_jis", "cp932",
           "euc_jp", "gb18030", "gbk", "big5", "euc_kr", "cp949")  # fmt: skip
ENCODINGS = (*UNICODE, "latin-1", "cp1252", *SCRIPTS)
# Western text has few letters beyond ASCII; text in another script has hardly any within.
FOREIGN_SHARE = 0.3
FEW = 8
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"),
         (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip


@dataclass(frozen=True)
class Encoding:
    """A guess at an encoding and what is uncertain about it.

    Args:
        name: One of ``ENCODINGS``.
        doubt: Empty when it is certain, else a sentence.
    """

    name: str
    doubt: str = ""


def guess_encoding(path: Path, kind: Format) -> Encoding:
    """Guess the encoding of a text file from its mark and its first 4 MB.

    Args:
        path: The file.
        kind: Its format.

    Returns:
        The encoding, with what is uncertain named.
    """
    with open_bytes(path, kind.packing) as stream:
        head = stream.read(SAMPLE_BYTES)
    for mark, name in MARKS:
        if head.startswith(mark):
            return Encoding(name)
    if head[:200].count(0) > 0.2 * len(head[:200]):
        name = "utf-16-le" if head[1:200:2].count(0) > head[0:200:2].count(0) else "utf-16-be"
        return Encoding(name, "It looks like UTF-16, but does not begin with its mark.")
    if len(head) == SAMPLE_BYTES:
        head = head[: head.rfind(b"\n") + 1] or head[:-4]
    return _guess_8_bit(head)


def _guess_8_bit(head: bytes) -> Encoding:
    if _decodes(head, "utf-8"):
        return Encoding("utf-8")
    text = head.decode("utf-8", errors="surrogateescape")
    broken = len(re.findall("[\udc80-\udcff]", text))
    whole = len(re.findall("[^\x00-\x7f\udc80-\udcff]", text))
    if whole >= broken:
        return Encoding(
            "utf-8", f"Encodings are mixed: {broken} bytes are not UTF-8; their lines are rejected."
        )
    letters = len(re.findall(rb"[A-Za-z]", head))
    if broken > max(FEW, FOREIGN_SHARE * (broken + letters)) and (script := _script(head)):
        return Encoding(script, f"It is not UTF-8. It is read as {script}; check the sample.")
    windows = bool(re.search(rb"[\x80-\x9f]", head)) and _decodes(head, "cp1252")
    name = "cp1252" if windows else "latin-1"
    return Encoding(
        name,
        f"It is not UTF-8. It is read as {'Windows-1252' if windows else 'Latin-1'}; "
        "check letters such as é and ü in the sample.",
    )


def _script(head: bytes) -> str:
    """The encoding of text in another script; empty when it cannot be told."""
    from charset_normalizer import from_bytes

    best = from_bytes(head[:SCRIPT_BYTES], cp_isolation=list(SCRIPTS)).best()
    return best.encoding if best and _decodes(head, best.encoding) else ""


def _decodes(head: bytes, encoding: str) -> bool:
    try:
        head.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def rescued(text: str) -> str:
    r"""Text in which bytes that are not UTF-8, kept as lone surrogates, are Windows-1252.

    >>> rescued(b"caf\xe9".decode("utf-8", "surrogateescape"))
    'café'
    """
    if text.isascii() or not any("\udc80" <= character <= "\udcff" for character in text):
        return text
    return text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
