"""`huyen serve`: the reader, as a web page."""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
from contextlib import closing

import click
import uvicorn

from archive.commands.context import CommandContext
from archive.database import open_for_reading
from archive.errors import HuyenError, UsageError
from archive.reader.app import safe_app

LOOPBACK = "127.0.0.1"
PORT = 8765
_GRACE = 3  # seconds for answers under way when the reader is stopped


@click.command("serve")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=PORT,
    show_default=True,
    help="Port; 0 is any free one.",
)
@click.option(
    "--host",
    default=LOOPBACK,
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen on. Anything but loopback lets others in.",
)
@click.option(
    "--base-url",
    default="",
    metavar="URL",
    help="The reader's own address, where a reverse proxy stands before it.",
)
@click.pass_obj
def serve(context: CommandContext, port: int, host: str, base_url: str) -> None:
    """The archive as a web page: search, read, compare, replay, cite.

    Reads only, and may run while a crawl is writing. Ctrl-C ends it.
    """
    if base_url and not re.fullmatch(r"https?://[^\s/?#@<>\"']+", base_url.rstrip("/")):
        raise UsageError(f"--base-url {base_url}: not an address such as https://luutru.example")
    # Says at once, in one line, if there is nothing to be read.
    with closing(open_for_reading(context.archive)):
        pass
    with closing(_listening(host, port)) as listener:
        address = _address(host, listener.getsockname()[1])
        if not _is_loopback(host):
            click.echo(
                f"huyen: warning: {host} can be reached from other computers; there is no password. "
                "Put a reverse proxy with access control before it where that matters.",
                err=True,
            )
        click.echo(
            f"Reading {context.archive} at {base_url or address}  (Ctrl-C to stop)", err=True
        )
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        config = uvicorn.Config(
            safe_app(context.archive, base_url),
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,  # believed from nobody; --base-url says what must be known
            timeout_graceful_shutdown=_GRACE,
            ws="none",
        )
        uvicorn.Server(config).run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise UsageError(f"--host {host}: no such address ({error.strerror})") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise HuyenError(
            f"cannot listen on {host}, port {port}: {error.strerror}. "
            "Another program may have the port; name another with --port."
        ) from error
    return listener


def _address(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
