"""The secret that answers' ids are signed with."""

from pathlib import Path

import pytest

from entrypoints.answer_key import answer_key, make_answer_key
from entrypoints.settings import Settings, SettingsError

KEY = "a key for the tests, of 40 characters, ab"


def kept(folder: Path) -> Settings:
    return Settings(data_dir=str(folder / "not there yet"))


def test_the_service_makes_one_at_its_first_start_for_its_owner_alone(tmp_path: Path) -> None:
    make_answer_key(kept(tmp_path))
    key = answer_key(kept(tmp_path))
    make_answer_key(kept(tmp_path))

    assert len(key) == 43
    assert answer_key(kept(tmp_path)) == key
    [file] = kept(tmp_path).data_path.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("feedback.key", 0o600)


def test_of_several_that_start_at_once_all_have_the_one_that_was_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_answer_key(kept(tmp_path))
    key = answer_key(kept(tmp_path))
    monkeypatch.setattr(Path, "exists", lambda _: False)  # both have looked before either has made it

    make_answer_key(kept(tmp_path))

    assert answer_key(kept(tmp_path)) == key
    assert len(list(kept(tmp_path).data_path.iterdir())) == 1


def test_who_only_uses_the_library_leaves_no_file_and_has_one_of_its_own(tmp_path: Path) -> None:
    assert answer_key(kept(tmp_path)) != answer_key(kept(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("by_file", [False, True])
def test_one_that_is_set_goes_before_and_none_is_made(tmp_path: Path, by_file: bool) -> None:
    (tmp_path / "secret").write_text(f"{KEY}\n")
    how = {"feedback_key_file": str(tmp_path / "secret")} if by_file else {"feedback_key": KEY}
    settings = Settings(data_dir=str(tmp_path / "data"), **how)

    make_answer_key(settings)

    assert answer_key(settings) == KEY.encode()
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("value", ["short", "x" * 40, "changeme-changeme-changeme-changeme"])
def test_one_that_is_short_or_a_placeholder_is_refused(value: str) -> None:
    with pytest.raises(SettingsError, match=r"SENTIMENT_FEEDBACK_KEY.*openssl rand"):
        answer_key(Settings(feedback_key=value))


def test_a_file_that_is_not_there_is_said_by_name() -> None:
    with pytest.raises(SettingsError, match="SENTIMENT_FEEDBACK_KEY_FILE"):
        answer_key(Settings(feedback_key_file="/nowhere"))


def test_where_none_can_be_kept_the_service_starts_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()

    make_answer_key(Settings(data_dir=str(tmp_path / "file" / "data")))

    assert "cannot be kept" in caplog.text


def test_one_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "feedback.key").mkdir()

    with pytest.raises(SettingsError, match=r"feedback\.key"):
        answer_key(Settings(data_dir=str(tmp_path)))
