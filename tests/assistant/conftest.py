from collections.abc import Iterator
from typing import Any

import pytest

from assistant.app import App, assemble
from assistant.chat_models import ChatModel
from assistant.chat_models.scripted import ScriptedModel, SilentModel
from assistant.testing.stage import ShopCopy
from tests.assistant.talks import OpenApp, Step


@pytest.fixture
def open_app(demo_shop: ShopCopy) -> Iterator[OpenApp]:
    """Open the demo shop with a model that plays the given steps, or with the given model."""
    with demo_shop.stage(SilentModel()) as stage:
        shop = stage.app

        def open_with(*steps: Step, model: ChatModel | None = None, **settings: Any) -> App:
            changed = shop.settings.model_copy(update=settings)
            return assemble(changed, shop.catalogue, shop.records, shop.policies, model or ScriptedModel(steps))

        yield open_with
