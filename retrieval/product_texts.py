"""What the search indexes and the reranker read of a product."""

from retrieval.schema import Product, ProductTexts


def dense_text(product: Product, language: str) -> str:
    """Return a product in one language, the telling parts first: an encoder cuts off what is too long."""
    texts = product.text(language)
    told = product.attributes if language == product.language else texts.attributes or product.attributes
    attributes = ", ".join(f"{name} {value}" for name, value in told.items())
    parts = (texts.title, product.brand, product.category, texts.description, attributes)
    return ". ".join(part for part in parts if part)


def title_text(product: Product) -> str:
    """Return the titles and short names in every language."""
    return "\n".join(line for texts in product.texts.values() for line in (texts.title, texts.short_name))


def body_text(product: Product) -> str:
    """Return everything but the titles: brand, place in the shop, attributes and descriptions in every language."""
    lines = [product.id, product.brand or "", product.department or "", product.category or "", product.gtin or ""]
    lines += _attribute_lines(product.attributes)
    for texts in product.texts.values():
        lines += [texts.description, *_attribute_lines(texts.attributes)]
    lines += sorted({value for variant in product.variants for value in variant.options.values()})
    return "\n".join(lines)


def rerank_text(product: Product, texts: ProductTexts) -> str:
    """Return what a reranker reads of a product, in the language of these texts."""
    attributes = ", ".join(f"{name}: {value}" for name, value in (texts.attributes or product.attributes).items())
    head = " | ".join(part for part in (texts.title, product.brand, product.category) if part)
    return "\n".join(part for part in (head, attributes, texts.description) if part)


def _attribute_lines(attributes: dict[str, str]) -> list[str]:
    return [f"{name} {value}" for name, value in attributes.items()]
