"""Who gets in: names of the reader, proxies, people with passwords; and what they see."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from read_archive import HOME, SECRET, Ids, Server, answers, fill, serving

from archive.commands.context import CommandContext
from archive.commands.serve import serve
from archive.errors import HuyenError, UsageError
from archive.reader.app import safe_app
from archive.reader.callers import (
    Caller,
    Front,
    MalformedRequest,
    NotOurName,
    caller_of,
)
from archive.reader.passwords import credentials, read_passwords, set_password

PASSWORD = "mật khẩu rất dài"
PROXY = (ipaddress.ip_network("10.0.0.7"),)


def called(front: Front, host: str, peer: str = "127.0.0.1", **headers: str) -> Caller:
    fields = [(b"host", host.encode())]
    fields += [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
    return caller_of(front, "http", peer, fields)


# --- names: a page elsewhere may make its own name lead here ---------------------------------


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8765", "127.0.0.1:8765", "[::1]:8765", "LOCALHOST", "localhost.",
     "kho.localhost", "127.8.8.8", "[0:0:0:0:0:0:0:1]"],
)  # fmt: skip
def test_loopback_is_always_a_name_of_the_reader(host: str) -> None:
    assert called(Front(), host).base == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "localhost.evil.example", "127.0.0.1.evil.example",
     "192.168.1.5", "notlocalhost", "0.0.0.0", "127.0.0.1.", "[::]", "2130706433", "0x7f.1"],
)  # fmt: skip
def test_another_name_is_not(host: str) -> None:
    if host == "127.0.0.1.":  # the address with a dot at its end is the address
        assert called(Front(), host).private
        return
    with pytest.raises(NotOurName):
        called(Front(), host)


@pytest.mark.parametrize(
    "host",
    ["", "a b", "a/b", "a@localhost", "localhost:", "localhost:99999", "[::1", "<script>", "a,b",
     "localhost\r\nX: y", "ä.example"],
)  # fmt: skip
def test_what_is_no_name_is_refused(host: str) -> None:
    with pytest.raises(MalformedRequest):
        caller_of(Front(), "http", "127.0.0.1", [(b"host", host.encode("utf-8"))])


def test_there_is_one_host() -> None:
    for headers in ([], [(b"host", b"localhost"), (b"Host", b"localhost")]):
        with pytest.raises(MalformedRequest):
            caller_of(Front(), "http", "127.0.0.1", headers)


def test_names_that_the_operator_gives() -> None:
    assert called(Front(hosts=frozenset({"luutru.lan"})), "LuuTru.lan:8765", "10.1.1.1").base
    assert called(Front(base_url="https://luutru.example"), "luutru.example", "10.1.1.1").base == (
        "https://luutru.example"
    )
    everywhere = Front(any_address=True)  # nobody can rebind an address
    assert called(everywhere, "192.168.1.5:8765", "192.168.1.9").base == "http://192.168.1.5:8765"
    with pytest.raises(NotOurName):
        called(everywhere, "evil.example", "192.168.1.9")


# --- proxies -------------------------------------------------------------------------------------


def test_headers_of_proxies_are_believed_from_those_that_are_named() -> None:
    front = Front(hosts=frozenset({"luutru.example"}), proxies=PROXY)
    said = {"x_forwarded_host": "luutru.example", "x_forwarded_proto": "https"}
    assert called(front, "localhost", "10.0.0.7", **said).base == "https://luutru.example"
    assert called(front, "localhost", "::ffff:10.0.0.7", **said).base == "https://luutru.example"
    assert called(front, "localhost", "10.0.0.8", **said).base == "http://localhost"
    standard = 'for="[2001:db8::1]:4711";host="luutru.example";proto=https'
    caller = called(front, "localhost", "10.0.0.7", forwarded=f"host=evil.example, {standard}")
    assert (caller.base, caller.address) == ("https://luutru.example", "[2001:db8::1]:4711")


def test_a_proxy_cannot_lend_another_name() -> None:
    front = Front(proxies=PROXY)
    with pytest.raises(NotOurName):
        called(front, "localhost", "10.0.0.7", x_forwarded_host="evil.example")
    with pytest.raises(MalformedRequest):
        called(front, "localhost", "10.0.0.7", x_forwarded_proto="javascript")


def test_of_a_list_only_the_last_is_the_proxys_own() -> None:
    front = Front(proxies=PROXY)
    caller = called(
        front, "localhost", "10.0.0.7", x_forwarded_proto="https, http", x_forwarded_for="1.1.1.1, 2.2.2.2"
    )  # fmt: skip
    assert (caller.base, caller.address) == ("http://localhost", "2.2.2.2")


def test_headers_that_contradict_each_other_were_let_through() -> None:
    """nginx sets X-Forwarded-Proto and passes a caller's own Forwarded on."""
    with pytest.raises(MalformedRequest):
        called(
            Front(proxies=PROXY), "localhost", "10.0.0.7",
            x_forwarded_proto="http", forwarded="proto=https",
        )  # fmt: skip


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_header_is_a_caller_or_refused(forwarded: str, host: str) -> None:
    front = Front(proxies=PROXY)
    fields = [(b"host", host.encode()), (b"forwarded", forwarded.encode())]
    try:
        caller = caller_of(front, "http", "10.0.0.7", fields)
    except (MalformedRequest, NotOurName):
        return
    assert not set(caller.base) & set("<>\"' \r\n")


@pytest.mark.parametrize(
    ("front", "peer", "host", "headers", "private"),
    [
        (Front(), "127.0.0.1", "localhost", {}, True),
        (Front(), "::1", "[::1]", {}, True),
        (Front(any_address=True), "::ffff:127.0.0.1", "localhost", {}, True),
        (Front(any_address=True), "192.168.1.9", "192.168.1.5", {}, False),
        (Front(), "127.0.0.1", "localhost", {"x_forwarded_for": "1.1.1.1"}, False),
        (Front(), "127.0.0.1", "localhost", {"via": "1.1 proxy"}, False),
        (Front(hosts=frozenset({"a.lan"})), "127.0.0.1", "a.lan", {}, False),
        (Front(proxies=PROXY), "10.0.0.7", "localhost", {"x_forwarded_proto": "https"}, True),
        (Front(proxies=PROXY), "10.0.0.7", "localhost", {"x_forwarded_proto": "http"}, False),
        (Front(proxies=PROXY), "10.0.0.7", "localhost", {}, False),
        (Front(base_url="https://a.example"), "127.0.0.1", "a.example", {}, True),
        (Front(base_url="https://a.example"), "10.0.0.9", "a.example", {}, False),
        (Front(base_url="http://a.example"), "127.0.0.1", "a.example", {}, False),
    ],
)  # fmt: skip
def test_where_a_password_may_travel(
    front: Front, peer: str, host: str, headers: dict[str, str], private: bool
) -> None:
    assert called(front, host, peer, **headers).private is private


# --- passwords -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def auth_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("auth") / "staff"
    set_password(path, "thu-thu", "mật khẩu đầu tiên")
    set_password(path, "giam-doc", "mật khẩu khác hẳn")
    set_password(path, "thu-thu", PASSWORD)
    return path


def test_passwords_are_kept_as_salted_scrypt_for_the_owner_only(auth_file: Path) -> None:
    assert auth_file.stat().st_mode & 0o777 == 0o600
    lines = auth_file.read_text().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["giam-doc", "thu-thu"]
    assert all(":$scrypt$ln=16,r=8,p=2$" in line for line in lines)
    people = read_passwords(auth_file)
    assert people.check("thu-thu", PASSWORD)
    assert people.check("thu-thu", "ma\u0323\u0302t kha\u0302\u0309u ra\u0302\u0301t da\u0300i")
    assert not people.check("thu-thu", "mật khẩu đầu tiên")
    assert not people.check("thu-thu", "mật khẩu khác hẳn")
    assert not people.check("ai-do", PASSWORD)


def test_a_hash_of_another_program_is_understood(tmp_path: Path) -> None:
    """The example in the documentation of passlib."""
    file = tmp_path / "staff"
    file.write_text(
        "# người đọc\n\n"
        "an:$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E\n"
    )
    file.chmod(0o600)
    assert read_passwords(file).check("an", "password")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nobody is in it"),
        ("an:secret", "line 1"),
        ("an:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=", "line 1"),
        ("an:$scrypt$ln=4,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$" + "A" * 43, "line 1"),
        ("an:$scrypt$ln=20,r=32,p=1$aM15713r3Xsvxbi31lqr1Q$" + "A" * 43, "line 1"),
        (":$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$" + "A" * 43, "line 1"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "staff"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(UsageError, match=says):
        read_passwords(file)
    file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        read_passwords(file)


def test_a_weak_password_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    for name, password in (("an", "ngắn"), ("a:n", PASSWORD), ("a n", PASSWORD), ("", PASSWORD)):
        with pytest.raises(UsageError):
            set_password(tmp_path / "staff", name, password)
    assert not (tmp_path / "staff").exists()


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", "Basic YQ==", "Bearer YTpi", "Basic /////w=="]
)
def test_a_header_without_name_and_password(header: str) -> None:
    assert credentials(header) is None


@given(st.text(max_size=80))
def test_any_authorization_header_is_read(header: str) -> None:
    credentials(header)


# --- what they see -------------------------------------------------------------------------------


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ids]:
    root = tmp_path_factory.mktemp("archive")
    return root, fill(root)


@pytest.fixture(scope="module")
def server(archive: tuple[Path, Ids], auth_file: Path) -> Iterator[Server]:
    with serving(archive[0], "--auth-file", str(auth_file)) as server:
        yield server


def test_another_name_gets_nothing(server: Server) -> None:
    for path in ("/", "/article/1", "/api/search?q=a", "/static/reader.css", "/web/2024/http://a.example"):  # fmt: skip
        answer = server.get(path, host="evil.example")
        assert answer.status == 421, path
        assert b"--allow-host" in answer.body or path.startswith("/api/")
        assert b"evil" not in answer.body
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def withheld_paths(ids: Ids) -> list[str]:
    article, capture = f"/article/{ids.secret}", ids.secret_capture
    return [
        article, f"{article}/versions", f"{article}/versions/1", f"{article}/provenance",
        f"/record/{capture}", f"/web/20240305010000/{SECRET.url}", f"/record/{capture}.warc.gz",
        f"/web/20240305010000mp_/{SECRET.url}", f"/web/20240305010000id_/{SECRET.url}",
    ]  # fmt: skip


def test_staff_sees_what_is_withheld_and_that_it_is(
    server: Server, archive: tuple[Path, Ids]
) -> None:
    ids = archive[1]
    staff = basic("thu-thu", PASSWORD)
    for path in withheld_paths(ids):
        assert server.get(path).status == 404, path
        answer = server.get(path, authorization=staff)
        assert answer.status == 200, path
        assert answer.headers["cache-control"] == "private, no-store"
        if "mp_" not in path and "id_" not in path and not path.endswith(".gz"):
            assert "KHÔNG CÔNG BỐ" in answer.text, path
    page = server.get(f"/article/{ids.secret}", authorization=staff).text
    assert "0912" in page
    assert "đơn" in page  # the reason
    # What is public has no such banner, and is cached by nobody for others.
    public = server.get(f"/article/{ids.first}", authorization=staff)
    assert "KHÔNG CÔNG BỐ" not in public.text
    assert "Authorization" in server.get(f"/article/{ids.first}").headers["vary"]


def test_lists_and_programs_see_what_everybody_sees(
    server: Server, archive: tuple[Path, Ids]
) -> None:
    staff = basic("thu-thu", PASSWORD)
    for path in ("/search?q=bi+mat", "/changes", "/portals/tho-xuan", "/api/search?q=0912"):
        assert "Bài bị gỡ" not in server.get(path, authorization=staff).text
    assert server.get(f"/api/articles/{archive[1].secret}", authorization=staff).status == 404
    assert server.get(f"/timegate/{HOME}/tin/mat.html", authorization=staff).status == 404


def test_the_list_of_what_is_withheld_asks_for_a_password(
    server: Server, archive: tuple[Path, Ids]
) -> None:
    answer = server.get("/withheld")
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert "Bài bị gỡ" not in answer.text
    page = server.get("/withheld", authorization=basic("thu-thu", PASSWORD)).text
    assert "Bài bị gỡ" in page
    assert f'href="/article/{archive[1].secret}"' in page


@pytest.mark.parametrize(
    "header", [basic("thu-thu", "đoán mò"), basic("admin", PASSWORD), "Basic x", "Bearer abc", ""]
)
def test_a_wrong_password_is_told_and_shows_nothing(
    server: Server, archive: tuple[Path, Ids], header: str
) -> None:
    for path in ("/", f"/article/{archive[1].secret}"):
        answer = server.get(path, authorization=header)
        assert answer.status == 401
        assert b"0912" not in answer.body


def test_a_password_is_not_taken_where_others_can_read_it(
    archive: tuple[Path, Ids], auth_file: Path
) -> None:
    app = safe_app(archive[0], Front(any_address=True, proxies=PROXY), read_passwords(auth_file))
    secret = f"/article/{archive[1].secret}"
    host = (b"host", b"192.168.1.5")
    staff = (b"authorization", basic("thu-thu", PASSWORD).encode())
    through = [host, (b"x-forwarded-proto", b"https"), staff]
    far, none, no_proxy_of_ours, proxy = answers(
        app,
        (secret, "192.168.1.9", [host, staff]),
        ("/withheld", "192.168.1.9", [host]),
        (secret, "192.168.1.9", through),
        (secret, "10.0.0.7", through),
    )
    assert [far[0], none[0], no_proxy_of_ours[0], proxy[0]] == [403, 403, 403, 200]
    assert "KHÔNG CÔNG BỐ" in proxy[1]


def test_without_an_auth_file_there_is_nothing_to_sign_in_to(archive: tuple[Path, Ids]) -> None:
    host = (b"host", b"localhost")
    header = (b"authorization", basic("thu-thu", PASSWORD).encode())
    found = answers(
        safe_app(archive[0]),
        ("/withheld", "127.0.0.1", [host]),
        (f"/article/{archive[1].secret}", "127.0.0.1", [host, header]),
    )
    assert [status for status, _ in found] == [404, 404]


# --- the command ---------------------------------------------------------------------------------


def failure(root: Path, *options: str, typed: str = "") -> BaseException | None:
    """What `huyen serve` with these options ends with, None where it is done."""
    return CliRunner().invoke(serve, options, input=typed, obj=CommandContext(root)).exception


def test_the_command_sets_a_password(tmp_path: Path) -> None:
    file = tmp_path / "staff"
    given = ("--auth-file", str(file), "--set-password", "an")
    assert failure(tmp_path, *given, typed=f"{PASSWORD}\n") is None
    assert PASSWORD not in file.read_text()
    assert read_passwords(file).check("an", PASSWORD)
    assert isinstance(failure(tmp_path, *given, typed="ngắn\n"), UsageError)
    assert isinstance(failure(tmp_path, "--set-password", "an"), UsageError)


@pytest.mark.parametrize(
    ("options", "status", "says"),
    [
        (("--auth-file", "/nowhere/staff"), 2, "--auth-file"),
        (("--trusted-proxy", "nginx"), 2, "--trusted-proxy nginx"),
        (("--allow-host", "https://a.example"), 2, "--allow-host"),
        (("--base-url", "https://a.example:port"), 2, "--base-url"),
        (("--base-url", "https://a.example/kho"), 2, "--base-url"),
        (("--pywb", "--port", "0"), 1, "pipx install pywb"),
    ],
)
def test_what_cannot_be_says_why(
    archive: tuple[Path, Ids],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    status: int,
    says: str,
) -> None:
    monkeypatch.setenv("PATH", str(archive[0]))
    error = failure(archive[0], *options)
    assert isinstance(error, HuyenError)
    assert error.exit_status == status
    assert says in str(error)
    assert not archive[0].with_name(f"{archive[0].name}.pywb").exists()
