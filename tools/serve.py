"""Serve a folder on 127.0.0.1, on the first free port from a given one on."""

from __future__ import annotations

import functools
import http.server
import socket
from pathlib import Path
from typing import Any

from tools.console import SetupError, say

HOST = "127.0.0.1"
PORTS_TO_TRY = 100


class Handler(http.server.SimpleHTTPRequestHandler):
    """Static files; quiet; no caching, so that a rebuilt page shows on reload; our own 404 page."""

    def log_message(self, format: str, *arguments: Any) -> None:
        pass

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        self.send_error(404)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.exists():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def is_taken(port: int) -> bool:
    """Tell whether somebody answers on the port, even if the system would let us bind it too."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def open_server(folder: Path, first_port: int) -> http.server.ThreadingHTTPServer:
    """Bind the first free port from `first_port` on, and say so when it is another one."""
    handler = functools.partial(Handler, directory=str(folder))
    for port in range(first_port, min(first_port + PORTS_TO_TRY, 65536)):
        if is_taken(port):
            say(f"Port {port} is taken, trying {port + 1}.")
            continue
        try:
            return http.server.ThreadingHTTPServer((HOST, port), handler)
        except PermissionError:
            raise SetupError(f"port {port} is not ours to open: choose one above 1023.") from None
        except OSError:
            say(f"Port {port} is taken, trying {port + 1}.")
    raise SetupError(f"no free port from {first_port} on: set PORT to another one.")


def serve(folder: Path, first_port: int) -> None:
    """Serve until Ctrl-C."""
    with open_server(folder, first_port) as server:
        say(f"\nThe book is at http://{HOST}:{server.server_port}/   (Ctrl-C stops it)")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("\nStopped.")
