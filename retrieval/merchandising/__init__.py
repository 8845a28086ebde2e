"""The shop's own hand in its search: `merchandising.toml` in the store folder, in force as soon as it is saved."""

from retrieval.merchandising.adding import add_synonyms
from retrieval.merchandising.arranging import Arranged
from retrieval.merchandising.checking import check_merchandising
from retrieval.merchandising.file import MERCHANDISING_FILE
from retrieval.merchandising.rules import Rules
from retrieval.merchandising.watching import Merchandising

__all__ = ["MERCHANDISING_FILE", "Arranged", "Merchandising", "Rules", "add_synonyms", "check_merchandising"]
