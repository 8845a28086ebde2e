"""The shopper's cart, the same that the assistant works on."""

from fastapi import APIRouter, HTTPException

from assistant.errors import ToolError
from assistant.schema import Cart
from assistant.shop.carts import CartItem, cart_owner
from assistant.shop.coupons import CouponRefused
from ui.server.bodies import CartBody, Languages
from ui.server.callers import Caller
from ui.server.service import ServiceHere, ShopperHere

router = APIRouter(tags=["cart"])


@router.get("/cart")
def cart(service: ServiceHere, caller: ShopperHere, language: Languages = "en") -> Cart:
    """Return the shopper's cart, at the prices of now."""
    return service.shop.records.carts.of(_owner(caller), language)


@router.put("/cart")
def put_cart(body: CartBody, service: ServiceHere, caller: ShopperHere, language: Languages = "en") -> Cart:
    """Make the cart hold exactly what is sent; where something of it cannot be had, nothing is changed."""
    items = [CartItem(**item.model_dump()) for item in body.items]
    try:
        return service.shop.records.carts.put(_owner(caller), items, body.coupon, language)
    except CouponRefused as error:
        raise HTTPException(409, f"The coupon was not taken: {error.problem.replace('_', ' ')}.") from None
    except ToolError as error:
        raise HTTPException(409, str(error)) from None


def _owner(caller: Caller) -> str:
    return cart_owner(caller.customer_id, caller.visitor_id, None)
