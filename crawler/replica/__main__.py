"""``python -m crawler.replica``: the replica portals, to look at by hand."""

from __future__ import annotations

import threading

import click

from archive.errors import HuyenError
from crawler.replica import PortalServer, build_portals


@click.command()
@click.option("--port", default=8080, show_default=True, help="Port on 127.0.0.1; 0: any free one.")
@click.option("--epoch", type=click.IntRange(0, 1), default=0, help="1: as found on a later visit.")
def main(port: int, epoch: int) -> None:
    """Serve three invented district portals on this machine until Ctrl-C.

    In a browser open the addresses printed (names ending in .localhost lead to this machine). Any
    other client reaches them by their own names through the proxy:

    \b
        http_proxy=http://127.0.0.1:8080 curl http://thoxuan.thanhhoa.example/
        curl -H 'Host: thoxuan.thanhhoa.example' http://127.0.0.1:8080/
    """
    try:
        server = PortalServer(build_portals(epoch), port=port)
    except HuyenError as error:
        raise click.ClickException(str(error)) from None
    with server:
        for host in server.portals:
            click.echo(f"http://{host}.localhost:{server.port}/", err=True)
        click.echo(f"as a proxy: http_proxy={server.proxy_url}", err=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("stopped", err=True)


if __name__ == "__main__":
    main()
