"""Public data: terms first, then the very file the card describes, then the ordinary way in."""

import hashlib
import json
import shutil
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lab.core.config import load_settings
from lab.core.errors import BadInput, NotFound, Unavailable
from lab.core.progress import drain
from lab.core.workspace import Workspace, open_workspace
from lab.data import download as downloading
from lab.data.public import PublicCard, public_card, public_cards
from lab.flows import catalogue as flow
from tests.data.web import Site, site

BODY = b"day,n\n2026-01-01,1\n2026-01-02,2\n"
PATH = "/data.example.org/v1/days.csv"
CARD = PublicCard(
    name="days", title="Days", kind="table", file="days.csv",
    url="https://data.example.org/v1/days.csv", sha256=hashlib.sha256(BODY).hexdigest(),
    size_bytes=len(BODY), rows=2, origin="Made up.", licence="CC0-1.0", citation="Nobody (2026).",
    verified="Measured.", mapping={"kind": "table", "dataset": "days"}, body="",
)  # fmt: skip


@pytest.fixture
def web():
    with site() as served:
        yield served


@pytest.fixture
def mirrored(tmp_path: Path, web: Site) -> Workspace:
    return open_workspace(tmp_path / "w", replace(load_settings({}), catalogue_mirror=web.url))


@pytest.fixture(autouse=True)
def cards(monkeypatch: pytest.MonkeyPatch) -> dict[str, PublicCard]:
    found = {"days": CARD, "first": replace(CARD, name="first", sha256="")}
    monkeypatch.setattr(flow, "public_card", lambda name: found.get(name) or public_card(name))
    return found


def fetch(ws: Workspace, name: str = "days"):
    return drain(flow.fetch(ws, name, accept_licence=True))


def test_every_card_is_complete_and_pinned() -> None:
    for card in public_cards():
        assert card.sha256 == "" or len(card.sha256) == 64
        assert 0 < card.size_bytes < 50_000_000
        assert card.rows > 0
        assert "/master/" not in card.url
        assert "/main/" not in card.url
        assert card.mapping["kind"] == card.kind
        for text in (card.licence, card.citation, card.origin, card.verified, card.body):
            assert text.strip()
        assert bool(card.sha256) != ("first download is trusted" in card.verified)


def test_the_catalogue_lists_what_is_here_and_what_could_be(ws: Workspace) -> None:
    entries = {entry.name: entry for entry in flow.catalogue(ws)}
    assert entries["shop_sales"].where == "bundled"
    assert entries["nab_machine_temperature"].where == "to download"
    assert "Neurocomputing" in entries["nab_machine_temperature"].citation


def test_terms_come_before_anything_is_asked_of_the_network(mirrored, web: Site) -> None:
    with pytest.raises(BadInput, match=r"CC0-1\.0.*Please cite: Nobody") as refused:
        drain(flow.fetch(mirrored, "days"))
    assert "--accept-licence" in refused.value.hint
    assert web.asked == []


def test_a_file_is_downloaded_once_checked_and_loaded(mirrored: Workspace, web: Site) -> None:
    web.put(PATH, BODY)
    done = fetch(mirrored)
    assert (done.dataset, done.rows_loaded, done.source) == ("days", 2, "days (days.csv)")
    assert fetch(mirrored).content_hash == done.content_hash
    assert web.asked == [PATH]
    folder = mirrored.root / "downloads" / "days"
    assert sorted(path.name for path in folder.iterdir()) == ["days.csv", "download.json"]
    assert folder.stat().st_mode & 0o077 == 0
    assert (folder / "days.csv").stat().st_mode & 0o077 == 0
    note = json.loads((folder / "download.json").read_text())
    assert (note["sha256"], note["verified"]) == (CARD.sha256, True)


def test_a_copy_that_was_altered_is_fetched_again(mirrored: Workspace, web: Site) -> None:
    web.put(PATH, BODY)
    fetch(mirrored)
    (mirrored.root / "downloads" / "days" / "days.csv").write_bytes(BODY[:-2] + b"9\n")
    assert fetch(mirrored).rows_loaded == 2
    assert web.asked == [PATH, PATH]


OTHER = BODY.replace(b"2\n", b"3\n")
HTML = b"<!DOCTYPE html><title>Log in</title>".ljust(len(BODY))[: len(BODY)]
FAILURES = [
    ({"body": OTHER}, BadInput, "not the file its card describes"),
    ({"body": BODY + b"2026-01-03,3\n"}, BadInput, "sends .* bytes; the file has"),
    ({"body": BODY[:-5]}, BadInput, "sends .* bytes; the file has"),
    ({"body": HTML}, BadInput, "web page in place of the file"),
    ({"body": BODY, "Content_Type": "text/html"}, BadInput, "web page"),
    ({"body": b"", "status": 404}, NotFound, "HTTP 404"),
    ({"body": b"", "status": 500}, Unavailable, "HTTP 500"),
    (
        {"body": b"", "status": 302, "Location": "https://evil.example/x"},
        Unavailable,
        "sends us on",
    ),
    ({"body": b"", "status": 302, "Location": PATH}, Unavailable, "in a circle"),
    ({"body": BODY, "Content_Length": "99999"}, BadInput, "sends 99\u202f999 bytes"),
    ({"body": BODY[:4], "Content_Length": str(len(BODY))}, Unavailable, "broke off"),
]


@pytest.mark.parametrize(("answer", "error", "words"), FAILURES)
def test_what_is_not_the_file_is_refused_and_not_kept(
    mirrored: Workspace, web: Site, answer, error, words: str
) -> None:
    web.put(PATH, **answer)
    with pytest.raises(error, match=words) as refused:
        fetch(mirrored)
    assert refused.value.hint
    assert not list((mirrored.root / "downloads" / "days").iterdir())
    assert not mirrored.database.exists() or not mirrored.store.has("days")


def test_an_endless_answer_ends_at_the_size_of_the_file(mirrored: Workspace, web: Site) -> None:
    def endless(handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(10_000):
            try:
                handler.wfile.write(b"x" * 100_000)
            except OSError:
                return

    web.pages[PATH] = endless
    with pytest.raises(BadInput, match="more than"):
        fetch(mirrored)


def test_a_slow_server_is_given_up(mirrored: Workspace, web: Site, monkeypatch) -> None:
    import threading

    done = threading.Event()
    web.pages[PATH] = lambda _: done.wait(300)
    monkeypatch.setattr(downloading, "WAIT_SECONDS", (60.0, 0.2))
    with pytest.raises(Unavailable, match="takes too long") as refused:
        fetch(mirrored)
    done.set()
    assert "LAB_CATALOGUE_MIRROR" in refused.value.hint


def test_a_redirect_on_the_same_host_is_followed(mirrored: Workspace, web: Site) -> None:
    web.put(PATH, b"", 302, Location="/there.csv")
    web.put("/there.csv", BODY)
    assert fetch(mirrored).rows_loaded == 2


def test_offline_is_said_in_words(tmp_path: Path, free_port: int) -> None:
    nowhere = replace(load_settings({}), catalogue_mirror=f"http://127.0.0.1:{free_port}")
    ws = open_workspace(tmp_path / "w", nowhere)
    with pytest.raises(Unavailable, match="cannot be reached") as refused:
        fetch(ws)
    assert "bundled sets need no network" in refused.value.hint


def secure(tmp_path: Path) -> ssl.SSLContext:
    """A certificate of our own, in ``cert.pem``."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out",
         str(certificate)], check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_the_first_download_without_a_checksum_binds_later_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site(lambda: secure(tmp_path)) as web:
        address = web.url.replace("http:", "https:")
        ws = open_workspace(tmp_path / "w", replace(load_settings({}), catalogue_mirror=address))
        web.put(PATH, BODY)
        with pytest.raises(Unavailable, match="certificate is not trusted"):
            fetch(ws, "first")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "cert.pem"))
        assert fetch(ws, "first").rows_loaded == 2
        note = json.loads((ws.root / "downloads" / "first" / "download.json").read_text())
        assert note["verified"] is False
        (ws.root / "downloads" / "first" / "days.csv").unlink()
        web.put(PATH, OTHER)
        with pytest.raises(BadInput, match="not the file its card describes"):
            fetch(ws, "first")


def test_a_file_without_checksum_is_not_taken_over_plain_http(mirrored: Workspace) -> None:
    with pytest.raises(BadInput, match="not encrypted"):
        fetch(mirrored, "first")


def test_a_mirror_that_is_no_address_is_refused(tmp_path: Path) -> None:
    odd = replace(load_settings({}), catalogue_mirror="file:///etc")
    with pytest.raises(BadInput, match="no web address"):
        fetch(open_workspace(tmp_path / "w", odd))


def test_an_unknown_set_is_named(ws: Workspace) -> None:
    with pytest.raises(NotFound, match="Did you mean"):
        fetch(ws, "nab_machine_temperatur")


def test_the_real_files_are_what_their_cards_say(
    mirrored: Workspace, web: Site, shared_data: Path
) -> None:
    checked = 0
    for card in public_cards():
        path = card.url.removeprefix("https:/")
        owner, inside = path.split("/")[2], "/".join(path.split("/")[5:])
        local = shared_data / inside.removeprefix("data/")
        local = shared_data / "nab" / inside if owner == "numenta" else local
        if not local.is_file():
            continue
        web.put(path, local.read_bytes())
        assert fetch(mirrored, card.name).rows_read == card.rows, card.name
        checked += 1
    assert checked >= 6
