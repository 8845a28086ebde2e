"""Which size fits: what the size guide says, and how it turned out for others. Only what has evidence is said."""

from assistant.errors import ToolError
from assistant.schema import ProductDetails, SizeAdvised
from assistant.shop.sizing import fit_of, sizes_of
from assistant.shop.sizing.sizes import size_option
from assistant.tools.meant import meant_product
from assistant.tools.said import is_said
from assistant.tools.tool import ToolContext, tool

_STEPS = {"small": 1, "large": -1}


@tool()
def advise_size(context: ToolContext, product_id: str, usual_size: str | None = None) -> SizeAdvised:
    """Advise which size of a product fits, from its size guide and others' exchanges.

    Args:
        product_id: Its id or name.
        usual_size: The size the customer usually takes.
    """
    product = meant_product(context, product_id)
    option, sizes = size_option(product), sizes_of(product)
    if option is None:
        raise ToolError(f"{product.short_name} has no sizes.", evidence=ProductDetails(product=product))
    usual = usual_size if usual_size and is_said(context, usual_size) else None
    guide = context.sizes().of(product)
    swaps, sold = context.records.returns.size_swaps(product.id, option)
    fit = fit_of(tuple(sizes), swaps, sold)
    size = None
    if usual and (guide or fit):
        known = {name.casefold(): name for name in sizes}
        size = known.get(usual.casefold()) or (guide.size_of(usual) if guide else None)
    if size in sizes and fit and fit.way in _STEPS:
        names = list(sizes)
        place = names.index(size) + _STEPS[fit.way]
        size = names[min(max(place, 0), len(names) - 1)]
    rows = {row.size: _fits(row.fits, context.language) for row in guide.rows if row.size in sizes} if guide else {}
    return SizeAdvised(
        product=product,
        usual_size=usual,
        size=size if size in sizes else None,
        guide={name: text for name, text in rows.items() if text},
        fit=fit.way if fit else None,
        exchanges=fit.exchanges if fit else 0,
        share=fit.share if fit else None,
        sizes=sizes,
    )


def _fits(texts: dict[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
