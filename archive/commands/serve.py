"""`huyen serve`: the reader, as a web page."""

from __future__ import annotations

import ipaddress
import logging
import re
import socket
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import click
import uvicorn

from archive.commands.context import CommandContext
from archive.database import open_for_reading
from archive.errors import HuyenError, UsageError
from archive.reader.app import safe_app
from archive.reader.callers import Front, Network, is_loopback_name
from archive.reader.passwords import read_passwords, set_password
from archive.reader.pywb import directory_for, find_pywb, running_pywb

LOOPBACK = "127.0.0.1"
PORT = 8765
PYWB_PORT = 8766
_GRACE = 3  # seconds for answers under way when the reader is stopped
_ALL_ADDRESSES = ("0.0.0.0", "::")
_HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


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
    "--allow-host",
    "names",
    multiple=True,
    metavar="NAME",
    help="A further name under which the reader answers, such as luutru.lan; repeatable.",
)
@click.option(
    "--base-url",
    default="",
    metavar="URL",
    help="The reader's own address, where a reverse proxy stands before it.",
)
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy whose Forwarded and X-Forwarded-* headers are believed; repeatable.",
)
@click.option(
    "--auth-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="People who may see what is withheld, with their passwords.",
)
@click.option(
    "--set-password",
    "person",
    metavar="NAME",
    help="Ask for a password of NAME, store it in --auth-file, and end.",
)
@click.option(
    "--pywb",
    "with_pywb",
    is_flag=True,
    help="Start pywb beside the reader, for pages that need their scripts.",
)
@click.option(
    "--pywb-port",
    type=click.IntRange(1, 65535),
    default=PYWB_PORT,
    show_default=True,
    help="Port of pywb.",
)
@click.pass_obj
def serve(
    context: CommandContext,
    port: int,
    host: str,
    names: tuple[str, ...],
    base_url: str,
    proxies: tuple[str, ...],
    auth_file: Path | None,
    person: str | None,
    with_pywb: bool,
    pywb_port: int,
) -> None:
    """The archive as a web page: search, read, compare, replay, cite.

    Reads only, and may run while a crawl is writing. Ctrl-C ends it.
    """
    if person is not None:
        _ask_for_password(auth_file, person)
        return
    front = Front(
        hosts=_names(host, names),
        any_address=host in _ALL_ADDRESSES,
        proxies=tuple(_network(proxy) for proxy in proxies),
        base_url=_checked_base(base_url),
    )
    passwords = read_passwords(auth_file) if auth_file else None
    # Says at once, in one line, if there is nothing to be read.
    with closing(open_for_reading(context.archive)):
        pass
    with ExitStack() as stack:
        listener = stack.enter_context(closing(_listening(host, port)))
        if with_pywb:
            find_pywb()
            click.echo("pywb: bringing its index up to date …", err=True)
            stack.enter_context(running_pywb(context.archive, host, pywb_port))
            click.echo(
                f"pywb: {_address(host, pywb_port)}  "
                f"(its configuration and index are in {directory_for(context.archive)})",
                err=True,
            )
        if not is_loopback_name(host):
            click.echo(
                f"huyen: warning: {host} can be reached from other computers, and what is public "
                "can be read there without a password. "
                "Put a reverse proxy with access control before it where that matters.",
                err=True,
            )
        address = _address(host, listener.getsockname()[1])
        click.echo(
            f"Reading {context.archive} at {front.base_url or address}  (Ctrl-C to stop)", err=True
        )
        # A player on this computer is no use to those who come through a proxy.
        player = str(pywb_port) if with_pywb and not base_url else ""
        config = uvicorn.Config(
            safe_app(context.archive, front, passwords, player=player),
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=True,
            proxy_headers=False,  # archive.reader.callers decides whom to believe
            timeout_graceful_shutdown=_GRACE,
            ws="none",
        )
        _log_to_stderr()
        uvicorn.Server(config).run(sockets=[listener])


def _ask_for_password(auth_file: Path | None, person: str) -> None:
    if auth_file is None:
        raise UsageError("--set-password needs --auth-file FILE: where to store it")
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    set_password(auth_file, person, password)
    click.echo(f"{auth_file}: the password of {person} is set.", err=True)


def _log_to_stderr() -> None:
    """Warnings of everything, and who looked at what is withheld."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(message)s", datefmt="%Y-%m-%d %H:%M:%S")
    )
    logging.getLogger().addHandler(handler)
    logging.getLogger("archive.reader").setLevel(logging.INFO)


def _checked_base(base_url: str) -> str:
    bare = base_url.rstrip("/")
    if bare and not re.fullmatch(r"https?://[^\s/?#@<>\"']+", bare):
        raise UsageError(f"--base-url {base_url}: not an address such as https://luutru.example")
    try:
        named = not bare or urlsplit(bare).hostname
        urlsplit(bare).port  # noqa: B018  # raises for one that is none
    except ValueError:
        named = None
    if not named:
        raise UsageError(f"--base-url {base_url}: not an address such as https://luutru.example")
    return bare


def _names(host: str, allowed: tuple[str, ...]) -> frozenset[str]:
    """Lower case, without brackets: the address to listen on, unless it stands for all, and those
    that were allowed."""
    for name in allowed:
        if not _HOST_NAME.fullmatch(name) and not _is_address(name):
            raise UsageError(
                f"--allow-host {name}: not a host name; without scheme and port: luutru.lan"
            )
    own = () if host in _ALL_ADDRESSES else (host,)
    return frozenset(name.lower() for name in (*own, *allowed))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise UsageError(
            f"--trusted-proxy {text}: not an IP address, nor a network such as 10.0.0.0/24"
        ) from error


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
