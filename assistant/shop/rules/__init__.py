"""What a shop allows after the sale: `policy.toml`, read into rules that every writing tool checks twice."""

from assistant.shop.rules.checking import (
    check_cancel,
    check_change,
    check_exchange,
    check_return,
    last_return_day,
    return_fee,
)
from assistant.shop.rules.file import POLICY_FILE, WatchedRules, default_policy, parse_shop_rules
from assistant.shop.rules.refusal import RuleBroken
from assistant.shop.rules.schema import Proof, ShopRules

__all__ = [
    "POLICY_FILE",
    "Proof",
    "RuleBroken",
    "ShopRules",
    "WatchedRules",
    "check_cancel",
    "check_change",
    "check_exchange",
    "check_return",
    "default_policy",
    "last_return_day",
    "parse_shop_rules",
    "return_fee",
]
