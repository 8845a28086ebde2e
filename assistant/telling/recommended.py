"""Recommendations and tastes as plain sentences to the customer, filled from the result."""

from assistant.schema import PreferencesFound, Product, ProductsRecommended
from assistant.telling.phrases import joined, phrase, spaced
from assistant.telling.reasons import reasons_in
from assistant.telling.standouts import standouts


def named_with(product: Product, language: str, *told: object) -> str:
    """Return a product's short name, with what is told of it in brackets; what is None or empty isn't."""
    name = product.text(language).short_name
    remarks = phrase("list_comma", language).join(str(each) for each in told if each)
    return phrase("named_with", language, name=name, told=remarks) if remarks else name


def recommendation(result: ProductsRecommended, language: str) -> str:
    """Return what is recommended, why, and the question where little is known.

    Where all of them have the same reason ("goes with it"), it is the question said again: what sets one apart is told.
    """
    about = result.because[-1].text(language).short_name if result.because else ""
    if not result.products:
        return _nothing(result, about, language)
    cheaper = result.asked == "similar" and result.cheaper
    name = "cheaper_found" if cheaper else "recommended" if result.asked == "recommend" else f"{result.asked}_found"
    reasons = reasons_in(result, language) if result.asked == "recommend" else standouts(result.products, language)
    names = [
        named_with(product, language, product.price if cheaper else None, reasons.get(product.id))
        for product in result.products
    ]
    sentences = [phrase(name, language, names=joined(names, language), name=about)]
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
