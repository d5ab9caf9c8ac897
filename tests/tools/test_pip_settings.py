"""What uv is told of pip's settings, so that it installs from where pip would."""

from __future__ import annotations

from pathlib import Path

import pytest

from pip_settings import NotForUv, read_settings, uv_environment

LISTING = r"""
global.cert='/etc/ssl/site.pem'
global.constraint='/etc/pip/constraints.txt'
global.extra-index-url='file:///opt/one/simple\nfile:///opt/two/simple'
download.index-url='https://downloads.example.org/simple'
install.index-url='https://pypi.example.org/simple'
:env:.cert='/home/me/own.pem'
:env:.no-compile='1'
""".strip()


def told(**settings: str) -> dict[str, str]:
    """Return what uv is told of settings, beside what it is always told."""
    found = uv_environment({name.replace("_", "-"): value for name, value in settings.items()}, {})
    return dict(found.items() - uv_environment({}, {}).items())


def test_the_environment_counts_more_than_the_files_and_other_commands_do_not_count() -> None:
    assert read_settings(LISTING) == {
        "cert": "/home/me/own.pem",
        "constraint": "/etc/pip/constraints.txt",
        "extra-index-url": "file:///opt/one/simple\nfile:///opt/two/simple",
        "index-url": "https://pypi.example.org/simple",
        "no-compile": "1",
    }


def test_without_settings_uv_looks_at_all_indexes_and_compiles_as_pip_does() -> None:
    assert read_settings("") == {}
    assert uv_environment({}, {"HOME": "/home/me"}) == {
        "HOME": "/home/me",
        "UV_COMPILE_BYTECODE": "true",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_SYSTEM_CERTS": "true",
    }


@pytest.mark.parametrize(
    ("settings", "variables"),
    [
        ({"index_url": "https://me:word@pypi.example.org/"}, {"UV_DEFAULT_INDEX": "https://me:word@pypi.example.org/"}),
        ({"extra_index_url": "file:///a\n https://b"}, {"UV_INDEX": "file:///a https://b"}),
        ({"find_links": "/opt/wheels /opt/more"}, {"UV_FIND_LINKS": "/opt/wheels,/opt/more"}),
        ({"constraint": "/etc/a.txt /etc/b.txt"}, {"UV_CONSTRAINT": "/etc/a.txt /etc/b.txt"}),
        ({"trusted_host": "a.example.org b.example.org"}, {"UV_INSECURE_HOST": "a.example.org b.example.org"}),
        ({"cert": "/etc/site.pem"}, {"SSL_CERT_FILE": "/etc/site.pem"}),
        ({"client_cert": "/home/me/key.pem"}, {"SSL_CLIENT_CERT": "/home/me/key.pem"}),
        ({"default_timeout": "180", "retries": "9"}, {"UV_HTTP_TIMEOUT": "180", "UV_HTTP_RETRIES": "9"}),
        ({"proxy": "http://proxy:3128"}, {"HTTP_PROXY": "http://proxy:3128", "HTTPS_PROXY": "http://proxy:3128"}),
        ({"no_index": "true"}, {"UV_NO_INDEX": "true"}),
        ({"no_index": "false", "no_cache_dir": "0"}, {}),
        ({"disable_pip_version_check": "1", "progress_bar": "off"}, {}),
    ],
)
def test_a_setting_is_said_in_uvs_words(settings: dict[str, str], variables: dict[str, str]) -> None:
    assert told(**settings) == variables


@pytest.mark.parametrize("settings", [{"no-compile": "1"}, {"no-compile": "True"}, {"compile": "no"}])
def test_modules_are_not_compiled_if_pip_would_not(settings: dict[str, str]) -> None:
    assert "UV_COMPILE_BYTECODE" not in uv_environment(settings, {})


@pytest.mark.parametrize("name", ["no-binary", "require-hashes", "target", "user", "keyring-provider"])
def test_with_a_setting_that_uv_does_not_have_pip_installs(name: str) -> None:
    with pytest.raises(NotForUv, match=name):
        uv_environment({name: "x"}, {})


def test_the_bundle_of_requests_is_trusted_as_by_pip(tmp_path: Path) -> None:
    given = {"REQUESTS_CA_BUNDLE": str(tmp_path), "SSL_CERT_FILE": "/etc/ssl/all.pem"}
    assert uv_environment({}, given)["SSL_CERT_DIR"] == str(tmp_path)
    assert uv_environment({"cert": "/etc/site.pem"}, given)["SSL_CERT_FILE"] == "/etc/site.pem"


def test_what_the_user_says_to_uv_itself_stays() -> None:
    given = {"UV_DEFAULT_INDEX": "https://mine.example.org", "UV_COMPILE_BYTECODE": "false"}
    found = uv_environment({"index-url": "https://pip.example.org"}, given)
    assert found.items() >= given.items()
