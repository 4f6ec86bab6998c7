from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_core.scripts import PREFIX_CHARACTERS, Script, chinese_variant, dominant_script, prefix


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("The staff were wonderful.", Script.LATIN),
        ("Đồ ăn rất ngon", Script.LATIN),
        ("北京的服务非常好。", Script.HAN),
        ("ㄅㄆㄇ", Script.HAN),
        ("とても良かったです。", Script.KANA),
        ("서울의 음식", Script.HANGUL),
        ("दिल्ली का खाना", Script.DEVANAGARI),
        ("كان الفندق رائعًا", Script.ARABIC),
        ("Спасибо", Script.FOREIGN),
        ("สวัสดี", Script.FOREIGN),
    ],
)
def test_the_script_is_that_of_most_letters(text: str, script: Script) -> None:
    assert dominant_script(text) is script


@pytest.mark.parametrize("text", ["", " \n", "123 + 4", "😀!?", "\ud800"])
def test_a_text_without_letters_has_no_script(text: str) -> None:
    assert dominant_script(text) is None


def test_a_greek_letter_of_a_formula_makes_no_greek_text() -> None:
    assert dominant_script("π = 3.14") is None
    assert dominant_script("α > β in this case") is Script.LATIN


def test_han_signs_beside_kana_are_japanese_even_where_they_are_many() -> None:
    assert dominant_script("東京都知事選挙の結果が本日発表された") is Script.KANA


def test_a_single_kana_in_a_chinese_text_leaves_it_chinese() -> None:
    assert dominant_script("优の良品是一家很受欢迎的零食店") is Script.HAN


def test_names_in_latin_letters_do_not_outweigh_the_han_and_hangul_around_them() -> None:
    assert dominant_script("我喜欢用iPhone拍照") is Script.HAN
    assert dominant_script("아이폰보다 Samsung") is Script.HANGUL


@pytest.mark.parametrize(
    ("text", "variant"),
    [("这家酒店的服务很好", "zh"), ("這家飯店的服務很好", "zh-TW"), ("你好", "zh"), ("", "zh")],
)
def test_chinese_is_told_by_the_signs_that_one_variant_alone_writes(text: str, variant: str) -> None:
    assert chinese_variant(text) == variant


def test_full_width_letters_are_plain_ones() -> None:
    assert dominant_script(prefix("ＧＲＥＡＴ")) is Script.LATIN


@given(st.text())
def test_letters_after_the_prefix_change_nothing(tail: str) -> None:
    text = "a" * PREFIX_CHARACTERS
    assert prefix(text + tail) == prefix(text)


@given(st.text(alphabet=st.characters(), max_size=60), st.randoms(use_true_random=False))
def test_the_order_of_letters_does_not_matter(text: str, random: Random) -> None:
    letters = list(text)
    random.shuffle(letters)
    shuffled = "".join(letters)
    assert (dominant_script(shuffled), chinese_variant(shuffled)) == (dominant_script(text), chinese_variant(text))
