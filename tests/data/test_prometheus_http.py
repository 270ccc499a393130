"""A server that is down, slow, huge, locked or no Prometheus ends in words, soon."""

import gzip
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lab.core.config import HIDDEN, Settings, load_settings
from lab.core.errors import BadInput, Unavailable
from lab.data import prometheus, prometheus_http
from lab.data.prometheus import connected
from tests.data.prometheus_asked import CANARY, FEW, ONE, ask, refused, settings
from tests.data.prometheus_servers import Reply, Request, failure, fake, page, said, success

# Bad answers


def test_nothing_set_says_which_setting() -> None:
    with pytest.raises(Unavailable, match="LAB_PROMETHEUS_URL"), connected(Settings()):
        pass


@pytest.mark.parametrize("url", ["prom:9090", "ftp://prom", "http://", "http://[::1", "x",
                                 "http://h:port"])  # fmt: skip
def test_what_is_no_address_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(BadInput, match="is not an address") as found, connected(settings(url)):
        pass
    assert url not in found.value.message


def test_down(free_port: int) -> None:
    with (
        connected(settings(f"http://u:{CANARY}@127.0.0.1:{free_port}")) as reader,
        pytest.raises(Unavailable, match=f"No server answers at 127.0.0.1:{free_port}") as found,
    ):
        reader.names()
    assert CANARY not in str(found.value)


def test_a_server_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus, "ANSWER_SECONDS", 0.5)
    with fake(lambda _: None) as server, connected(settings(server.url)) as reader:
        for asking in (reader.names, lambda: reader.ask("up", FEW)):
            with pytest.raises(Unavailable, match="did not answer within"):
                asking()
        deadline = time.monotonic() + 60
        while len(server.asked) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)  # it may get to read a question after we have given up
    assert len(server.asked) == 2  # none is tried again


def test_a_server_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus_http, "ANSWER_SECONDS", 0.5)

    def drip() -> Iterator[bytes]:
        yield b'{"status"'
        while not server.ended.wait(0.02):
            yield b" "

    with fake(lambda _: (200, {}, drip())) as server, pytest.raises(Unavailable, match="within"):
        ask(server)


@pytest.mark.parametrize(
    "reply",
    [
        page(200),
        (200, {"Content-Type": "application/json"}, b""),
        (200, {}, b"\xff\xfe\x00"),
        (200, {}, b"[" * 200_000),
        (200, {}, b"9" * 5_000),
        said(200, []),
        said(200, {"status": "success"}),
        said(200, {"data": {"result": 5}}),
        said(200, {"data": {"result": [5]}}),
        success([{"values": []}]),
        success([{"metric": {}, "values": [[1]]}]),
        success([{"metric": {}, "values": [[1, "many"]]}]),
        success([{"metric": {}}]),
    ],
)
def test_what_is_no_prometheus_is_said(reply: Reply) -> None:
    error = refused(reply)
    assert "does not answer as a Prometheus does" in error.message
    assert "LAB_PROMETHEUS_TOKEN" in error.hint


@pytest.mark.parametrize(
    ("reply", "kind", "words"),
    [
        (failure(400, "bad_data", '1:4: parse error: unexpected "}"'), BadInput,
         'refuses the query: 1:4: parse error: unexpected "}"'),
        (failure(422, "execution", "would load too many samples"), BadInput, "too many samples"),
        (failure(422, "422", "cannot parse"), BadInput, "refuses the query: cannot parse"),
        (failure(503, "timeout", "query timed out"), Unavailable, "did not answer within 5 s"),
        (failure(500, "internal", "the disk is gone"), Unavailable, "(HTTP 500). the disk"),
        (page(502), Unavailable, "fails (HTTP 502)"),
        (page(401), Unavailable, "refuses us (HTTP 401)"),
        (page(403), Unavailable, "refuses us (HTTP 403)"),
        (page(404), Unavailable, "There is no Prometheus at 127.0.0.1"),
        (page(302, Location="https://login.example/in?token=x"), Unavailable,
         "sends us on to login.example/in."),
        (page(307, Location="/login"), Unavailable, "/login"),
        (success([{"metric": {"__name__": "x"}, "histograms": []}]), BadInput,
         "x holds native histograms"),
    ],
)  # fmt: skip
def test_every_refusal_has_words_and_a_hint(reply: Reply, kind: type, words: str) -> None:
    error = refused(reply)
    assert isinstance(error, kind)
    assert words in error.message


def test_an_answer_that_breaks_off_is_said() -> None:
    status, headers, body = success([ONE])
    assert isinstance(body, bytes)
    error = refused((status, {**headers, "Content-Length": str(len(body) + 99)}, body))
    assert "127.0.0.1" in error.message


def test_a_huge_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus_http, "MOST_BYTES", 200_000)
    sent = []

    def flood() -> Iterator[bytes]:
        while len(sent) < 10_000:
            sent.append(1)
            yield b"x" * 65_536

    with fake(lambda _: (200, {}, flood())) as server, pytest.raises(BadInput, match="more than"):
        ask(server)
    assert len(sent) < 1_000  # what the sockets hold, not all of it


def test_an_answer_that_unfolds_is_not_unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prometheus_http, "MOST_BYTES", 200_000)
    bomb = gzip.compress(b" " * 30_000_000)
    assert len(bomb) < 50_000
    error = refused((200, {"Content-Encoding": "gzip"}, bomb))
    assert "more than" in error.message


# Logins and secrets


@pytest.mark.parametrize(
    ("given", "header"),
    [
        ({}, None),
        ({"prometheus_token": f" {CANARY}\n"}, f"Bearer {CANARY}"),
        ({"prometheus_user": "u", "prometheus_password": "ü"}, "Basic dTrDvA=="),
        ({"prometheus_token": "t", "prometheus_user": "u"}, "Bearer t"),
    ],
)
def test_the_login_of_the_settings_is_used(given: dict[str, str], header: str | None) -> None:
    with fake(lambda _: success([ONE])) as server:
        ask(server, **given)
    assert server.asked[0].headers.get("Authorization") == header


def test_a_login_in_the_address_is_used_and_never_sent_on() -> None:
    def answer(request: Request) -> Reply:
        return page(307, Location=f"{other.url}{request.path}")

    with fake(lambda _: success([ONE])) as other, fake(answer) as server:
        url = server.url.replace("//", "//me:p%40ss@")
        with connected(settings(url)) as reader, pytest.raises(Unavailable, match="sends us on"):
            reader.names()
    assert server.asked[0].headers["Authorization"] == "Basic bWU6cEBzcw=="
    assert other.asked == []


def test_a_token_no_header_may_hold_is_refused_unseen() -> None:
    for token in (f"{CANARY}\nX: y", f"{CANARY}é"):
        with (
            pytest.raises(BadInput) as found,
            connected(settings("http://h", prometheus_token=token)),
        ):
            pass
        assert CANARY not in str(found.value)


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch, free_port: int) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with fake(lambda _: success([ONE])) as server:
        assert len(ask(server)) == 1


def test_secrets_are_never_shown(tmp_path: Any) -> None:
    given = {
        "LAB_PROMETHEUS_URL": f"https://me:{CANARY}@prom.example:9090/x",
        "LAB_PROMETHEUS_PASSWORD": CANARY,
        "LAB_PROMETHEUS_TOKEN": CANARY,
        "LAB_MLFLOW_TRACKING_URI": f"https://me:{CANARY}@x@mlflow.example",
    }
    known = load_settings(given, tmp_path / "none")
    assert CANARY not in str(known.table())
    shown = {row["setting"]: row["value"] for row in known.table()}
    assert shown["prometheus_url"] == f"https://{HIDDEN}@prom.example:9090/x"
    assert (shown["prometheus_token"], shown["prometheus_user"]) == (HIDDEN, "")
    assert CANARY not in repr(replace(known, prometheus_url="", mlflow_tracking_uri=""))
    (tmp_path / "lab.toml").write_text("prometheus_password = 12345\n")
    with pytest.raises(BadInput, match="must be str") as found:
        load_settings({}, tmp_path / "lab.toml")
    assert "12345" not in str(found.value)


def test_one_limit_holds_for_connecting_and_waiting_and_nothing_is_tried_again() -> None:
    with connected(settings("http://127.0.0.1:1")) as reader:
        assert reader.client._timeout.total == prometheus_http.ANSWER_SECONDS == 5
        adapter = reader.client._session.get_adapter("http://127.0.0.1:1/api")
    assert adapter.max_retries.total == 0
