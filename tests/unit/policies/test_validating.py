import asyncio

import pytest

from sentiment_core.errors import InvalidTextError, TextTooLongError, UnsupportedLanguageError
from sentiment_core.models import MAX_TEXT_BYTES, Analysis, Document, Options, Outcome
from sentiment_core.policies.identifying import IdentifyingAnalyzer
from sentiment_core.policies.validating import ValidatingAnalyzer
from sentiment_core.testing import FakeAnalyzer


class AlwaysFrench:
    def detect(self, text: str) -> str:
        return "fr"


def analyze(*documents: Document) -> tuple[list[Outcome], FakeAnalyzer]:
    fake = FakeAnalyzer()
    return asyncio.run(ValidatingAnalyzer(fake, AlwaysFrench()).analyze(documents, Options())), fake


@pytest.mark.parametrize(
    ("text", "expected", "says"),
    [
        ("", InvalidTextError, "empty"),
        (" \n\u3000\t", InvalidTextError, "empty"),
        ("a\ud800b", InvalidTextError, "lone surrogate at character 1"),
        ("a" * (MAX_TEXT_BYTES + 1), TextTooLongError, "100,001 bytes"),
        ("é" * (MAX_TEXT_BYTES // 2) + "x", TextTooLongError, "100,001 bytes"),
    ],
)
def test_what_is_no_text_is_refused_and_says_why(text: str, expected: type[Exception], says: str) -> None:
    [outcome], fake = analyze(Document(text))

    assert isinstance(outcome, expected)
    assert says in str(outcome)
    assert not fake.calls


def test_the_longest_text_is_taken() -> None:
    [outcome], _ = analyze(Document("é" * (MAX_TEXT_BYTES // 2)))

    assert isinstance(outcome, Analysis)


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        ("zh-tw", "zh-TW"),
        ("zh-Hant", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh-CN", "zh"),
        ("zh", "zh"),
        ("auto", "fr"),
        ("AUTO", "fr"),
    ],
)
def test_a_language_is_understood_as_people_write_it(tag: str, code: str) -> None:
    [outcome], _ = analyze(Document("text", tag))

    assert isinstance(outcome, Analysis)
    assert outcome.language == code


@pytest.mark.parametrize("tag", ["nl", "", "english", "x" * 500, "zh-"[:1]])
def test_another_language_is_refused_with_those_that_are_supported(tag: str) -> None:
    [outcome], _ = analyze(Document("text", tag))

    assert isinstance(outcome, UnsupportedLanguageError)
    assert "Supported are en, fr" in str(outcome)
    assert len(str(outcome)) < 300


@pytest.mark.parametrize(
    ("tag", "named"),
    [("english", "'en' (English)"), ("German", "'de' (German)"), ("eng", "'en'"), ("kor", "'ko'")],
)
def test_the_refusal_names_the_language_that_was_likely_meant(tag: str, named: str) -> None:
    [outcome], _ = analyze(Document("text", tag))

    assert f"nearest that is: {named}" in str(outcome)


@pytest.mark.parametrize("tag", ["xx", "", "tlh", "x" * 500])
def test_the_refusal_names_no_language_when_none_is_near(tag: str) -> None:
    [outcome], _ = analyze(Document("text", tag))

    assert "nearest" not in str(outcome)


def test_refused_documents_keep_their_place_and_their_neighbours_are_answered() -> None:
    outcomes, fake = analyze(Document("a"), Document(""), Document("b", "xx"), Document("c"))

    assert [type(outcome) for outcome in outcomes] == [Analysis, InvalidTextError, UnsupportedLanguageError, Analysis]
    assert [document.text for document in fake.calls[0][0]] == ["a", "c"]


def test_each_answer_has_an_id_of_its_own_and_a_failure_has_none() -> None:
    ids = iter("12")
    analyzer = IdentifyingAnalyzer(ValidatingAnalyzer(FakeAnalyzer(), AlwaysFrench()), lambda _: next(ids))

    outcomes = asyncio.run(analyzer.analyze([Document("a"), Document(""), Document("a")], Options()))

    assert [outcome.id for outcome in outcomes if isinstance(outcome, Analysis)] == ["1", "2"]
    assert repr(analyzer) == "IdentifyingAnalyzer(ValidatingAnalyzer(FakeAnalyzer()))"
