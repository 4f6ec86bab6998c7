"""``sentiment keys``, in this process."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from entrypoints.checks import check_keys
from entrypoints.cli import main
from entrypoints.container import build_container
from entrypoints.settings import Settings, SettingsError
from sentiment_core.keys import Scope

PEPPER = "a pepper for the tests, of 40 characters"

Keys = Callable[..., Result]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Keys:
    """Runs ``sentiment keys`` on a store of the test's own; settings are the variables without their prefix."""
    monkeypatch.setenv("SENTIMENT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SENTIMENT_KEY_PEPPER", PEPPER)

    def run(*arguments: str, **settings: str) -> Result:
        for name, value in settings.items():
            monkeypatch.setenv(f"SENTIMENT_{name}", value)
        return CliRunner().invoke(main, ["keys", *arguments])

    return run


def id_of(created: Result) -> str:
    return created.stdout.split("_")[1]


def test_a_key_is_printed_alone_once_and_then_only_named(keys: Keys, tmp_path: Path) -> None:
    created = keys("create", "shop")
    listed = keys("list").stdout

    assert re.fullmatch(r"ta_[a-z2-7]{8}_[A-Za-z0-9_-]{43}\n", created.stdout)
    assert "not shown again" in created.stderr
    for part in (id_of(created), "shop", "analyze", "never", "default", "in force"):
        assert part in listed
    assert created.stdout[12:].strip() not in listed


def test_the_file_of_keys_is_the_owners_and_holds_no_secret(keys: Keys, tmp_path: Path) -> None:
    created = keys("create", "shop")
    file = tmp_path / "keys.db"

    assert file.stat().st_mode & 0o777 == 0o600
    assert created.stdout[12:].strip().encode() not in file.read_bytes()


def test_scopes_expiry_and_rate_are_kept_and_shown(keys: Keys) -> None:
    keys("create", "prometheus", "--scope", "metrics", "--expires-days", "0.00000001")
    keys("create", "bulk", "--scope", "metrics", "--scope", "analyze", "--rate", "0")
    keys("create", "slow", "--rate", "2.5")

    _, prometheus, bulk, slow = keys("list").stdout.splitlines()
    assert ("metrics " in prometheus, "expired" in prometheus) == (True, True)
    assert ("analyze,metrics" in bulk, "no limit" in bulk) == (True, True)
    assert " 2.5 " in slow


def test_a_revoked_key_stays_in_the_list(keys: Keys) -> None:
    id_ = id_of(keys("create", "shop"))

    assert keys("revoke", id_).exit_code == 0
    assert "revoked" in keys("list").stdout


def test_an_unknown_id_cannot_be_revoked(keys: Keys) -> None:
    result = keys("revoke", "aaaaaaaa")

    assert result.exit_code == 1
    assert "sentiment keys list" in result.stderr


def test_every_scope_can_be_given(keys: Keys) -> None:
    created = keys("create", "all", *(part for scope in Scope for part in ("--scope", scope.value)))

    assert created.exit_code == 0, created.stderr


def test_a_pepper_may_be_in_a_file(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "pepper").write_text(f"{PEPPER}\n")
    keys("create", "from a file", KEY_PEPPER="", KEY_PEPPER_FILE=str(tmp_path / "pepper"))

    ring = build_container(Settings(data_dir=str(tmp_path), keys="on", key_pepper_file=str(tmp_path / "pepper"))).ring()

    assert ring is not None
    assert ring.usable(0) == 1


@pytest.mark.parametrize("pepper", ["", "short", "changeme-changeme-changeme-changeme", "x" * 40])
def test_a_missing_or_a_placeholder_pepper_is_refused_with_what_to_do(keys: Keys, pepper: str) -> None:
    """Row 82."""
    result = keys("create", "nothing", KEY_PEPPER=pepper)

    assert result.exit_code == 1
    assert "SENTIMENT_KEY_PEPPER" in result.stderr
    assert "openssl rand" in result.stderr
    assert (result.stdout, pepper in result.stderr and len(pepper) > 5) == ("", False)


def test_a_file_that_cannot_be_read_is_named(keys: Keys, tmp_path: Path) -> None:
    (tmp_path / "keys.db").write_text("this is no database, and long enough to be taken for one " * 20)

    result = keys("list")

    assert result.exit_code == 1
    assert "keys.db cannot be used" in result.stderr


@pytest.mark.parametrize(
    ("host", "keys_", "allowed", "needed"),
    [
        ("127.0.0.1", "auto", False, False),
        ("::1", "auto", False, False),
        ("localhost", "auto", False, False),
        ("127.0.0.1", "on", False, True),
        ("0.0.0.0", "auto", False, True),
        ("::", "auto", False, True),
        ("api.internal", "auto", False, True),
        ("0.0.0.0", "auto", True, False),
        ("0.0.0.0", "on", True, True),
    ],
)
def test_keys_are_needed_where_others_can_reach_the_service(host: str, keys_: str, allowed: bool, needed: bool) -> None:
    assert Settings(host=host, keys=keys_, allow_no_keys=allowed).needs_keys == needed  # type: ignore[arg-type]


def test_a_service_that_needs_keys_is_not_made_until_one_is_in_force(keys: Keys, tmp_path: Path) -> None:
    settings = Settings(host="0.0.0.0", data_dir=str(tmp_path), key_pepper=PEPPER)

    with pytest.raises(SettingsError, match="sentiment keys create"):
        build_container(settings).door()
    id_ = id_of(keys("create", "shop"))
    assert build_container(settings).door().asks_for_keys
    assert check_keys(build_container(settings)).finding == "1 in force"

    keys("revoke", id_)
    with pytest.raises(SettingsError, match="SENTIMENT_ALLOW_NO_KEYS=1"):
        build_container(settings).door()
    assert check_keys(build_container(settings)).good is False


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(SettingsError, match=r"SENTIMENT_TRUSTED_PROXIES.*'proxy'"):
        build_container(Settings(trusted_proxies="10.0.0.0/8, proxy")).door()
