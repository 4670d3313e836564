"""The book is served on this machine only, on the first free port."""

import http.client
import socket
import threading

import pytest

from tools import book, serve
from tools.console import SetupError


@pytest.fixture
def taken_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.fixture
def server(tmp_path):
    (tmp_path / "index.html").write_text("the book")
    (tmp_path / "404.html").write_text("not here")
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "cell.svg").write_text("<svg/>")
    with serve.open_server(tmp_path, 18000) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def get(server, path: str) -> tuple[int, str, http.client.HTTPMessage]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body, answer.headers


def test_a_taken_port_moves_to_the_next_free_one_and_says_so(tmp_path, taken_port, capsys):
    with serve.open_server(tmp_path, taken_port) as server:
        assert server.server_port > taken_port
    assert f"Port {taken_port} is taken, trying {taken_port + 1}." in capsys.readouterr().out


def test_a_port_taken_on_all_addresses_counts_as_taken(tmp_path):
    with socket.create_server(("0.0.0.0", 0)) as listener:
        port = listener.getsockname()[1]
        with serve.open_server(tmp_path, port) as server:
            assert server.server_port > port


def test_no_free_port_is_one_clear_line(tmp_path, taken_port, monkeypatch):
    monkeypatch.setattr(serve, "PORTS_TO_TRY", 1)
    with pytest.raises(SetupError, match="set PORT to another one"):
        serve.open_server(tmp_path, taken_port)


def test_it_listens_on_this_machine_only(server):
    assert server.server_address[0] == "127.0.0.1"


def test_pages_are_served_and_never_kept_by_the_browser(server):
    status, body, headers = get(server, "/")
    assert (status, body) == (200, "the book")
    assert headers["Cache-Control"] == "no-cache"


def test_figures_have_their_type(server):
    assert get(server, "/images/cell.svg")[2]["Content-Type"] == "image/svg+xml"


@pytest.mark.parametrize("path", ["/absent/", "/images/", "/../../etc/passwd"])
def test_what_is_not_a_page_gets_the_books_own_404(server, path):
    assert get(server, path)[:2] == (404, "not here")


@pytest.mark.parametrize("text", ["x", "0", "-1", "65536", "8000.0"])
def test_a_port_that_is_none_is_one_clear_line(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(SetupError, match="expected a number from 1 to 65535"):
        book.chosen_port()


def test_the_port_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv("PORT", "9000")
    assert book.chosen_port() == 9000
    monkeypatch.setenv("PORT", "")
    assert book.chosen_port() == 8000
