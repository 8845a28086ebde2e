"""Who the demo shop's customers are: what they care about, and so what they look at and buy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Persona:
    """A way of life. `types` are product type ids, the most typical first."""

    name: str
    types: tuple[str, ...]


PERSONAS = (
    Persona("runner", ("running-shoes", "trail-shoes", "socks", "water-bottles", "fitness-trackers", "leggings")),
    Persona("home cook", ("frying-pans", "chef-knives", "cookbooks", "cutting-boards", "dinnerware")),
    Persona("new parent", ("plush-animals", "picture-books", "wooden-trains", "food-containers", "throw-blankets")),
    Persona("gamer", ("keyboards", "mice", "monitors", "headphones", "board-games", "laptops")),
    Persona("reader", ("novels", "crime-novels", "biographies", "desk-lamps", "notebooks", "armchairs")),
    Persona("gardener", ("seeds", "planters", "pruning-shears", "garden-gloves", "gardening-books", "bird-feeders")),
    Persona("commuter", ("laptop-bags", "earbuds", "rain-jackets", "bicycles", "bike-helmets", "water-bottles")),
    Persona("audiophile", ("turntables", "bookshelf-speakers", "headphones", "studio-monitors", "headphone-stands")),
    Persona("hiker", ("hiking-boots", "backpacks", "trekking-poles", "socks", "headlamps", "down-jackets")),
    Persona("camper", ("tents", "sleeping-bags", "camping-stoves", "camping-chairs", "coolers", "hammocks")),
    Persona("yogi", ("yoga-mats", "leggings", "resistance-bands", "candles", "water-bottles")),
    Persona("lifter", ("dumbbells", "resistance-bands", "jump-ropes", "fitness-trackers", "t-shirts")),
    Persona("home maker", ("cushions", "rugs", "bed-linen", "storage-baskets", "picture-frames", "wall-clocks")),
    Persona("beauty lover", ("moisturisers", "face-cleansers", "lipsticks", "perfumes", "sunscreens")),
    Persona("home worker", ("monitors", "webcams", "usb-hubs", "external-drives", "coffee-makers", "desk-lamps")),
    Persona("dresser", ("dresses", "shirts", "ankle-boots", "loafers", "sweaters", "jeans", "hats")),
    Persona("school parent", ("building-blocks", "science-kits", "craft-kits", "scooters", "puzzles", "rain-boots")),
    Persona("traveller", ("travel-guides", "language-courses", "backpacks", "sneakers", "portable-radios", "sandals")),
    Persona("podcaster", ("microphones", "studio-monitors", "headphones", "webcams", "external-drives")),
    Persona("host", ("dinnerware", "kettles", "board-games", "bluetooth-speakers", "outdoor-lights", "blenders")),
)  # fmt: skip

CONSUMABLES = frozenset(
    {"socks", "moisturisers", "face-cleansers", "shampoos", "sunscreens", "hand-creams", "candles", "seeds"}
)
"""Types that people use up and buy again, the same product mostly."""

LARGE_TYPES = frozenset({"armchairs", "bicycles", "garden-benches", "lawn-mowers"})
"""Types that two people carry and that don't leave the United States, as policies/en/shipping.md says."""

_SUMMER = frozenset({5, 6, 7, 8})
_WINTER = frozenset({10, 11, 12, 1})
_SPRING = frozenset({2, 3, 4, 5})

SEASONS = (
    dict.fromkeys(("tents", "camping-chairs", "coolers", "hammocks", "sandals", "sunscreens", "hats"), _SUMMER)
    | dict.fromkeys(("down-jackets", "sweaters", "ankle-boots", "throw-blankets", "candles", "slippers"), _WINTER)
    | dict.fromkeys(("building-blocks", "board-games", "puzzles", "plush-animals", "perfumes"), _WINTER)
    | dict.fromkeys(("seeds", "planters", "garden-gloves", "pruning-shears", "gardening-books"), _SPRING)
)
"""Months in which a type sells best; a type that isn't here sells all year."""

_STORY = {
    "C001": ("runner", "yogi"),
    "C002": ("home cook", "gardener"),
    "C003": ("new parent", "home maker"),
    "C004": ("gamer", "podcaster"),
    "C005": ("reader", "traveller"),
    "C006": ("hiker", "camper"),
}


def personas_of(customer_id: str) -> tuple[Persona, Persona]:
    """Return what a demo customer is first and what they are besides; the same for the same id."""
    if customer_id in _STORY:
        first, second = _STORY[customer_id]
        return _named(first), _named(second)
    number = int(customer_id.removeprefix("C"))
    main = PERSONAS[number % len(PERSONAS)]
    others = [persona for persona in PERSONAS if persona is not main]
    # A step that shares no factor with the number of the others, so that every pair comes up.
    return main, others[number * 7 % len(others)]


def type_of(product_id: str) -> str:
    """Return the type id in a demo product's id: 'hiking-boots' of 'hiking-boots-03'."""
    return product_id.rpartition("-")[0]


def _named(name: str) -> Persona:
    return next(persona for persona in PERSONAS if persona.name == name)
