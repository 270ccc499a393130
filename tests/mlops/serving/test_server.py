"""The server as a program."""

import json
import socket
import subprocess
import sys
import time

from lab.core.config import PROJECT
from lab.mlops.serving.server import TOKEN_VARIABLE, main


def test_a_taken_port_is_one_line_and_exit_1(model_folder, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["--model", str(model_folder), "--port", port]) == 1
    said = capsys.readouterr().err.strip()
    assert port in said
    assert len(said.splitlines()) == 1


def test_help_names_every_option():
    text = subprocess.run(
        [sys.executable, "-m", "lab.mlops.serving.server", "--help"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout
    for option in ("--model", "--host", "--port", "--allowed-host", "--announce", "--fingerprint"):
        assert option in text


def test_it_takes_a_free_port_announces_it_and_ends_on_a_signal(tmp_path, model_folder):
    from lab.core.process import python, start, wait_for

    announce, log = tmp_path / "port.json", tmp_path / "log"
    argv = python("lab.mlops.serving.server", "--model", str(model_folder))
    child = start([*argv, "--announce", str(announce)], log, env={TOKEN_VARIABLE: "t"})
    try:
        for _ in range(600):
            if announce.exists():
                break
            time.sleep(0.1)
        port = json.loads(announce.read_text())["port"]
        wait_for(f"http://127.0.0.1:{port}/health", child, log)
    finally:
        child.stop()
    assert not child.alive
    assert "Traceback" not in log.read_text()
