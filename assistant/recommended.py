"""Recommendations and tastes as plain sentences to the customer, filled from the result."""

from assistant.phrases import joined, phrase, spaced
from assistant.reasons import reasons_in
from assistant.schema import PreferencesFound, Product, ProductsRecommended


def priced(product: Product, language: str) -> str:
    """Return a product's short name with its price, where that is known."""
    name = product.text(language).short_name
    return f"{name} ({product.price})" if product.price else name


def recommendation(result: ProductsRecommended, language: str) -> str:
    """Return what is recommended, why the first of them, and the question where little is known."""
    about = result.because[-1].text(language).short_name if result.because else ""
    if not result.products:
        return _nothing(result, about, language)
    name = "recommended" if result.asked == "recommend" else f"{result.asked}_found"
    names = joined([priced(product, language) for product in result.products], language)
    sentences = [phrase(name, language, names=names, name=about)]
    reasons = reasons_in(result, language) if result.asked != "similar" else {}
    for product in result.products:
        if reason := reasons.get(product.id):
            called = product.text(language).short_name
            sentences.append(phrase("recommended_one", language, name=called, reason=reason))
            break
    if result.question:
        sentences.append(result.question)
    return spaced(sentences, language)


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
