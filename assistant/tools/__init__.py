"""The tools. A new one is a function in a file of its subject, an entry here, and a scripted conversation."""

from assistant.tools.account import change_saved_address, get_account
from assistant.tools.calculator import calculate
from assistant.tools.cart import add_to_cart, apply_coupon, change_cart, show_cart
from assistant.tools.catalogue import compare_products, get_product, search_products
from assistant.tools.delivery import estimate_delivery
from assistant.tools.handover import hand_over_to_human
from assistant.tools.identity import identify_customer
from assistant.tools.order_changes import (
    change_pending_order_address,
    change_pending_order_items,
    change_pending_order_payment,
)
from assistant.tools.orders import cancel_pending_order, get_order, get_purchase_history, list_orders
from assistant.tools.policies import search_policies
from assistant.tools.recommendations import (
    get_preferences,
    goes_with,
    recommend_products,
    set_preference,
    similar_products,
)
from assistant.tools.returns import exchange_delivered_items, return_delivered_items
from assistant.tools.sizing import advise_size
from assistant.tools.tool import Tool, ToolContext, specs_of, tool

# The order is the order in the prompt, which must stay byte-identical between turns.
ALL_TOOLS: tuple[Tool, ...] = (
    search_products,
    get_product,
    compare_products,
    recommend_products,
    similar_products,
    goes_with,
    add_to_cart,
    change_cart,
    show_cart,
    apply_coupon,
    estimate_delivery,
    advise_size,
    identify_customer,
    get_purchase_history,
    list_orders,
    get_order,
    cancel_pending_order,
    change_pending_order_address,
    change_pending_order_items,
    change_pending_order_payment,
    return_delivered_items,
    exchange_delivered_items,
    get_account,
    change_saved_address,
    get_preferences,
    set_preference,
    search_policies,
    hand_over_to_human,
    calculate,
)

__all__ = ["ALL_TOOLS", "Tool", "ToolContext", "specs_of", "tool"]
