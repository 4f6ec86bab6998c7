from pathlib import Path

import pytest

from entrypoints.settings import Settings, SettingsError, alone, describe_settings, load_settings, model_key


def test_an_empty_environment_gives_the_defaults() -> None:
    assert load_settings({"PATH": "/bin"}) == Settings()


def test_a_setting_is_read_from_its_variable() -> None:
    settings = load_settings({"SENTIMENT_PORT": "9000", "SENTIMENT_ANALYZER": "comprehend"})

    assert (settings.port, settings.analyzer) == (9000, "comprehend")


def test_every_mistake_is_named_in_one_go() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(
            {
                "SENTIMENT_PORT": "99999",
                "SENTIMENT_TIMEOUT_MS": "soon",
                "SENTIMENT_TRACKING": "yes",
                "SENTIMENT_ANALYSER": "comprehend",
                "SENTIMENT_XYZZY": "1",
            }
        )

    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert any("SENTIMENT_PORT" in line and "65535" in line for line in lines)
    assert any("SENTIMENT_TRACKING" in line and "off or on" in line for line in lines)
    assert any("SENTIMENT_ANALYSER" in line and "did you mean SENTIMENT_ANALYZER?" in line for line in lines)


@pytest.mark.parametrize("spec", ["embedded", "comprehend", "models:/sentiment@champion", "models:/sentiment/3"])
def test_an_analyzer_is_named_by_its_spec(spec: str) -> None:
    assert load_settings({"SENTIMENT_ANALYZER": spec}).analyzer == spec


@pytest.mark.parametrize("spec", ["", "Embedded", "models:/sentiment", "models:/../3", "models:/sentiment@champion "])
def test_what_names_no_analyzer_is_refused_with_all_that_would(spec: str) -> None:
    with pytest.raises(SettingsError, match=r"embedded, comprehend, or .*models:/NAME@ALIAS or models:/NAME/VERSION"):
        load_settings({"SENTIMENT_ANALYZER": spec})


@pytest.mark.parametrize("variable", ["SENTIMENT_SHADOW", "SENTIMENT_CANARY"])
def test_an_analyzer_on_trial_is_optional_and_another_than_the_one_that_answers(variable: str) -> None:
    settings = load_settings({variable: "comprehend"})
    assert "comprehend" in (settings.shadow, settings.canary)
    assert settings.pays
    assert load_settings({variable: ""}) == Settings()

    with pytest.raises(SettingsError, match=f"{variable} is 'embedded', as SENTIMENT_ANALYZER is"):
        load_settings({variable: "embedded"})
    with pytest.raises(SettingsError, match="models:/NAME@ALIAS"):
        load_settings({variable: "ours"})
    with pytest.raises(SettingsError, match=f"{variable}_SHARE"):
        load_settings({f"{variable}_SHARE": "5"})


def test_an_analyzer_that_is_measured_has_no_cache_and_nobody_beside_it() -> None:
    settings = load_settings({"SENTIMENT_SHADOW": "comprehend", "SENTIMENT_CANARY": "models:/sentiment/3"})

    assert alone(settings, "comprehend") == Settings(analyzer="comprehend", fallback="off", cache="off")


def test_what_a_misspelt_variable_holds_is_not_printed() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"SENTIMENT_API_KEYS_FILE_": "hunter2"})

    assert "hunter2" not in str(caught.value)


def test_every_setting_has_a_description_and_no_default_is_of_this_machine() -> None:
    described = list(describe_settings())

    assert {name for name, _, _ in described} >= {"SENTIMENT_PORT", "SENTIMENT_DATA_DIR"}
    assert all(text.endswith(".") and "/" not in default for _, default, text in described)


def test_the_data_folder_is_the_users_unless_set() -> None:
    assert load_settings({}).data_path.is_absolute()
    assert str(load_settings({"SENTIMENT_DATA_DIR": "/srv/sentiment"}).data_path) == "/srv/sentiment"


def test_the_models_key_is_optional_and_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("a key for the tests, of 40 characters...\n")

    assert model_key(Settings()) is None
    assert model_key(Settings(model_key_file=str(tmp_path / "key"))) == b"a key for the tests, of 40 characters..."


@pytest.mark.parametrize("key", ["short", "changeme-changeme-changeme-changeme", "x" * 40])
def test_a_bad_key_of_models_is_refused_with_what_to_do_and_not_shown(key: str) -> None:
    with pytest.raises(SettingsError, match=r"SENTIMENT_MODEL_KEY.*openssl rand") as raised:
        model_key(Settings(model_key=key))

    assert key not in str(raised.value) or len(key) <= 5


def test_an_empty_file_of_the_models_key_does_not_switch_it_off(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("")

    with pytest.raises(SettingsError, match="is missing"):
        model_key(Settings(model_key_file=str(tmp_path / "key")))
