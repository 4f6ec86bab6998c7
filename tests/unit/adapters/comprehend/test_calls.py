"""Documents share as few calls as Comprehend's limits allow."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.analyzers.comprehend.calls import MAX_BYTES, MAX_DOCUMENTS, check, plan
from sentiment_core.errors import InputError, InvalidTextError, TextTooLongError, UnsupportedLanguageError
from sentiment_core.models import ALL_FEATURES, Document, Feature

LONG = "é" * (MAX_BYTES // 2 + 1)
SPANS = frozenset({Feature.ENTITIES, Feature.KEY_PHRASES})
DOCUMENTS = st.lists(
    st.builds(Document, st.sampled_from(["short", LONG]), st.sampled_from(["en", "de", "zh-TW"])), max_size=80
)


@given(DOCUMENTS, st.frozensets(st.sampled_from(Feature)))
def test_each_document_is_asked_once_for_each_feature_within_the_limits(
    documents: list[Document], features: frozenset[Feature]
) -> None:
    calls = plan(dict(enumerate(documents)), features)

    asked = [(call.feature, index) for call in calls for index in call.documents]
    assert sorted(asked) == sorted((feature, index) for feature in features for index in range(len(documents)))
    for call in calls:
        assert all(documents[index] is document for index, document in call.documents.items())
        assert len({document.language for document in call.documents.values()}) == 1
        assert len(call.documents) <= MAX_DOCUMENTS
        assert call.alone or all(len(text.encode()) <= MAX_BYTES for text in call.texts)


def test_a_batch_is_filled_before_another_is_begun() -> None:
    documents = dict(enumerate([Document("short")] * (2 * MAX_DOCUMENTS + 1)))

    calls = plan(documents, frozenset({Feature.SENTIMENT}))

    assert [len(call.documents) for call in calls] == [MAX_DOCUMENTS, MAX_DOCUMENTS, 1]
    assert [call.operation for call in calls] == ["BatchDetectSentiment", "BatchDetectSentiment", "DetectSentiment"]


def test_a_single_call_has_the_text_and_a_batch_a_list() -> None:
    [single] = plan({7: Document("eins", "de")}, frozenset({Feature.ENTITIES}))
    [batch] = plan({7: Document("eins", "de"), 3: Document("zwei", "de")}, frozenset({Feature.ENTITIES}))

    assert single.parameters == {"LanguageCode": "de", "Text": "eins"}
    assert batch.parameters == {"LanguageCode": "de", "TextList": ["eins", "zwei"]}


@pytest.mark.parametrize(
    ("document", "features", "error"),
    [
        (Document(LONG), ALL_FEATURES, TextTooLongError),
        (Document("é" * 50_001), SPANS, TextTooLongError),
        (Document(" \n"), SPANS, InvalidTextError),
        (Document("\ud800"), SPANS, InvalidTextError),
        (Document("Goedemorgen", "nl"), SPANS, UnsupportedLanguageError),
        (Document("?", "auto"), SPANS, UnsupportedLanguageError),
    ],
)
def test_what_comprehend_would_refuse_is_refused_before_it_is_asked(
    document: Document, features: frozenset[Feature], error: type[InputError]
) -> None:
    with pytest.raises(error):
        check(document, features)


@pytest.mark.parametrize("text", ["é" * (MAX_BYTES // 2), "a" * MAX_BYTES])
def test_a_text_of_exactly_the_limit_is_taken_for_its_sentiment(text: str) -> None:
    check(Document(text), ALL_FEATURES)


def test_a_text_beyond_the_limit_is_taken_for_spans_and_goes_alone() -> None:
    check(Document(LONG), SPANS)

    calls = plan({0: Document("short"), 1: Document(LONG), 2: Document("short")}, SPANS)

    assert [list(call.documents) for call in calls] == [[0, 2], [1], [0, 2], [1]]
