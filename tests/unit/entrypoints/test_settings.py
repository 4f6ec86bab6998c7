import pytest

from entrypoints.settings import Settings, SettingsError, describe_settings, load_settings


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
