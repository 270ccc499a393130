"""The server as a program: ``python -m lab.mlops.serving.server --model DIR``."""

import argparse
import json
import logging
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from lab.mlops.serving.app import LOCAL_HOSTS, create_app

TOKEN_VARIABLE = "LAB_SERVING_TOKEN"  # noqa: S105  the name of a variable, not a token


def main(argv: Sequence[str] | None = None) -> int:
    """Serve one model until told to stop.

    Args:
        argv: Arguments; the command line when not given.

    Returns:
        Exit status: 0 after a clean stop, 1 when the address cannot be used.
    """
    import uvicorn

    args = _arguments().parse_args(argv)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout
    )
    try:
        listener = socket.create_server((args.host, args.port))
    except OSError as error:
        sys.stderr.write(f"{args.host}:{args.port} cannot be used: {error.strerror}.\n")
        return 1
    port = listener.getsockname()[1]
    if args.announce:
        _announce(args.announce, port)
    app = create_app(
        args.model,
        token=os.environ.pop(TOKEN_VARIABLE, ""),
        allowed_hosts=[*LOCAL_HOSTS, *args.allowed_host],
        expected=args.fingerprint,
    )
    logging.info("serving %s on %s:%d", args.model, args.host, port)
    config = uvicorn.Config(
        app,
        limit_concurrency=32,
        timeout_keep_alive=5,
        server_header=False,
        access_log=False,
        log_config=None,
        ws="none",
    )
    uvicorn.Server(config).run(sockets=[listener])
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Serve one saved model over HTTP.")
    parser.add_argument("--model", required=True, type=Path, help="model folder")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", default=0, type=int, help="port; 0 takes a free one")
    parser.add_argument("--allowed-host", action="append", default=[], help="further Host name")
    parser.add_argument("--announce", type=Path, help="file that receives the port as JSON")
    parser.add_argument("--fingerprint", help="refuse any other model")
    return parser


def _announce(path: Path, port: int) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps({"port": port, "pid": os.getpid()}), encoding="utf-8")
    part.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
