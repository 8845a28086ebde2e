"""Recommendations and tastes as plain sentences to the customer, filled from the result."""

from assistant.schema import PreferencesFound, Product, ProductsRecommended
from assistant.telling.phrases import joined, phrase, spaced
from assistant.telling.reasons import reasons_in
from assistant.telling.standouts import standouts


def priced(product: Product, language: str, called: str = "") -> str:
    """Return a product's short name with its price, where that is known, and with what it is `called`, if anything."""
    name = product.text(language).short_name
    told = phrase("list_comma", language).join(filter(None, (str(product.price or ""), called)))
    return phrase("named_with", language, name=name, told=told) if told else name


def recommendation(result: ProductsRecommended, language: str) -> str:
    """Return what is recommended, why, and the question where little is known.

    A reason that all of them share is the question itself said again ("goes with it"), so it isn't told.
    """
    about = result.because[-1].text(language).short_name if result.because else ""
    if not result.products:
        return _nothing(result, about, language)
    name = "recommended" if result.asked == "recommend" else f"{result.asked}_found"
    reasons = reasons_in(result, language) if result.asked == "recommend" else standouts(result.products, language)
    names = [_because(product, reasons.get(product.id), language) for product in result.products]
    sentences = [phrase(name, language, names=joined(names, language), name=about)]
    if result.question:
        sentences.append(result.question)
    return spaced(sentences, language)


def _because(product: Product, reason: str | None, language: str) -> str:
    name = product.text(language).short_name
    return phrase("named_with", language, name=name, told=reason) if reason else name


def _nothing(result: ProductsRecommended, about: str, language: str) -> str:
    if result.asked == "recommend":
        return phrase("recommended_nothing", language)
    cheaper = result.asked == "similar" and result.cheaper
    return phrase("cheaper_nothing" if cheaper else f"{result.asked}_nothing", language, name=about)


def tastes(result: PreferencesFound, language: str) -> str:
    """Return what is known of somebody's taste."""
    likes = [each.subject for each in result.preferences if each.liked]
    dislikes = [each.subject for each in result.preferences if not each.liked]
    sentences = []
    if likes:
        sentences.append(phrase("prefers_likes", language, subjects=joined(likes, language)))
    if dislikes:
        sentences.append(phrase("prefers_dislikes", language, subjects=joined(dislikes, language)))
    if result.categories:
        sentences.append(phrase("prefers_categories", language, categories=joined(result.categories, language)))
    return spaced(sentences, language) or phrase("prefers_nothing", language)
