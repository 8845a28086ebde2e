"""What customers think of a demo product: a few of its type's reviews, and a rating that goes with them."""

from typing import NamedTuple

from retrieval.demo.content import ReviewContent
from retrieval.demo.luck import Luck
from retrieval.demo.shelf import Shelf
from retrieval.schema import Review

_FEWEST_REVIEWS, _MOST_REVIEWS = 3, 5
_FEWEST_RATINGS, _MOST_RATINGS = 6, 900
_WORST, _BEST = 3.4, 4.9
_APART = 0.6
_TRIES = 16


class Opinion(NamedTuple):
    """The average of `rating_count` ratings (1 to 5), and the reviews that some of them came with."""

    rating: float
    rating_count: int
    reviews: tuple[Review, ...]


def build_opinion(shelf: Shelf) -> Opinion:
    """Return what customers think of the product. The rating counts the reviews among its ratings."""
    luck = Luck("opinion", shelf.product_id)
    liked = luck.between(_WORST, _BEST)
    reviews = _reviews_near(liked, shelf, luck)
    # The customers who wrote are not far from those who only gave stars.
    liked = min(max(liked, _average(reviews) - _APART), _average(reviews) + _APART)
    silent = luck.count(_FEWEST_RATINGS, _MOST_RATINGS)
    count = silent + len(reviews)
    rating = (liked * silent + sum(review.rating for review in reviews)) / count
    return Opinion(round(rating, 1), count, tuple(_review(review, luck) for review in reviews))


def _reviews_near(liked: float, shelf: Shelf, luck: Luck) -> list[ReviewContent]:
    """Draw some handfuls of reviews and keep the one whose average is nearest."""
    size = luck.count(_FEWEST_REVIEWS, _MOST_REVIEWS)
    handfuls = [luck.shuffled(shelf.kind.reviews)[:size] for _ in range(_TRIES)]
    return min(handfuls, key=lambda handful: abs(_average(handful) - liked))


def _average(reviews: list[ReviewContent]) -> float:
    return sum(review.rating for review in reviews) / len(reviews)


def _review(content: ReviewContent, luck: Luck) -> Review:
    """Take the review in one of its languages; of two, English comes more often, as it does in the shop."""
    chinese = content.zh is not None and (content.en is None or luck.happens(0.35))
    text = content.zh if chinese else content.en
    return Review(rating=content.rating, text=text or "", language="zh" if chinese else "en")
