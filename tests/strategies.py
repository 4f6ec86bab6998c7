"""Hypothesis strategies shared by the tests."""

from hypothesis import strategies as st

PIECES = st.one_of(
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from(
        [
            "Hello there. ",
            "Dr. Who ",
            "3.5 km ",
            "你好。",
            "谢谢！",
            "ok?! ",
            "\n",
            "   ",
            "😀",
            "e\u0301",
            "z.B. ",
            "。",
            ".",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=40).map("".join)
"""Texts of sentence ends, abbreviations, emoji, white space and anything else that is Unicode."""
