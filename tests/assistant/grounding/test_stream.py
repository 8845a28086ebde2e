"""Sentences out of a stream, cut as a network cuts it."""

import pytest

from assistant.grounding import SentenceStream, split_sentences

REPLY = (
    'It costs $12.50, e.g. in red. No. 3 is the 15.6" one!  Really?\n\n'
    "1. **Aurora** – $149.00\n2. Tarn (approx. 900 g)\n- a bullet\n好的。价格是$12.50！有货吗？“是的。”谢谢…再见"
)
SENTENCES = [
    "It costs $12.50, e.g. in red. ",
    'No. 3 is the 15.6" one!  ',
    "Really?\n\n",
    "1. **Aurora** – $149.00\n",
    "2. Tarn (approx. 900 g)\n",
    "- a bullet\n",
    "好的。",
    "价格是$12.50！",
    "有货吗？",
    "“是的。”",
    "谢谢…",
    "再见",
]


def test_a_text_is_cut_at_its_sentences() -> None:
    assert split_sentences(REPLY) == SENTENCES


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_chunks_of_any_size_join_to_what_was_fed(size: int) -> None:
    stream = SentenceStream()
    pieces = [piece for i in range(0, len(REPLY), size) for piece in stream.feed(REPLY[i : i + size])]
    pieces += stream.flush()
    assert "".join(pieces) == REPLY
    assert [piece.strip() for piece in pieces] == [sentence.strip() for sentence in SENTENCES]


def test_a_sentence_comes_as_soon_as_it_is_complete() -> None:
    stream = SentenceStream()
    assert stream.feed("It costs $12.") == []
    assert stream.feed("50. ") == ["It costs $12.50. "]
    assert stream.feed("好的。下") == ["好的。"]
    assert stream.flush() == ["下"]
    assert stream.flush() == []
