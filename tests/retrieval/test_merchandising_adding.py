"""Synonyms added to a shop's merchandising.toml."""

from pathlib import Path

import pytest

from retrieval.errors import CatalogueError
from retrieval.merchandising import MERCHANDISING_FILE, add_synonyms
from retrieval.merchandising.file import parse_rules

_OWN = '# ours\n[[boost]]\ncategories = ["Tents"]\nfactor = 1.3'


@pytest.mark.parametrize("own", [None, "", _OWN, _OWN + "\n"])
def test_a_rule_is_added_behind_what_the_shop_wrote(tmp_path: Path, own: str | None) -> None:
    file = tmp_path / MERCHANDISING_FILE
    if own is not None:
        file.write_text(own)
    add_synonyms(tmp_path, [" sofa ", "couch", "sofa", 'a "quoted\\ word"', "长沙发", ""])
    assert file.read_text().startswith(own or "[[synonyms]]")
    (rule,) = parse_rules(file.read_bytes()).synonyms
    assert rule.words == ("sofa", "couch", 'a "quoted\\ word"', "长沙发")
    assert [path.name for path in tmp_path.iterdir() if "merchandising.toml-" in path.name] == []


@pytest.mark.parametrize(
    ("own", "words"),
    [("", ["sofa"]), ("", ["sofa", "sofa "]), ("", ["sofa", "!"]), ("[[synonyms", ["sofa", "couch"])],
)
def test_what_makes_no_sense_changes_nothing(tmp_path: Path, own: str, words: list[str]) -> None:
    file = tmp_path / MERCHANDISING_FILE
    file.write_text(own)
    with pytest.raises(CatalogueError):
        add_synonyms(tmp_path, words)
    assert file.read_text() == own


def test_words_that_mean_the_same_already_are_told(tmp_path: Path) -> None:
    add_synonyms(tmp_path, ["sofa", "couch", "settee"])
    before = (tmp_path / MERCHANDISING_FILE).read_text()
    with pytest.raises(CatalogueError, match="already"):
        add_synonyms(tmp_path, ["Couch", "sofa"])
    assert (tmp_path / MERCHANDISING_FILE).read_text() == before
