"""The OpenAPI document is true: what it allows is answered, what it forbids is refused, and every answer is in it."""

from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from pydantic import SecretStr
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from assistant.chat_models.scripted import SilentModel
from assistant.testing.stage import ShopCopy
from tests.ui.server.test_routes import KEY, client, token
from tests.ui.server.test_visitors import visitor

EXAMPLES = 8
EXCLUDED = {
    # A talk has to end with the user's message: a schema cannot say so.
    "POST /chat/completions": [positive_data_acceptance],
}
UNLIMITED = dict.fromkeys(
    ("rate_limit", "rate_limit_address", "rate_limit_all", "rate_limit_visitors"), "1000000/minute"
)


OPERATIONS = (
    "POST /chat", "POST /confirm", "GET /conversations/{conversation_id}/events",
    "DELETE /conversations/{conversation_id}/turn", "GET /visitor", "GET /conversations/{conversation_id}",
    "POST /feedback", "GET /products/{product_id}", "GET /recommendations", "GET /cart", "PUT /cart", "POST /events",
    "POST /chat/completions", "POST /shop/updates", "DELETE /session",
)  # fmt: skip


@pytest.fixture(scope="module")
def api(demo_shop: ShopCopy) -> Iterator[FastAPI]:
    with demo_shop.stage(SilentModel()) as stage:
        yield client(stage.app, rate_storage="memory", visitor_key=SecretStr(KEY), **UNLIMITED).app  # type: ignore[misc]


@pytest.mark.parametrize("asked", OPERATIONS)
def test_every_answer_is_as_described(api: FastAPI, asked: str) -> None:
    method, path = asked.split(" ")
    headers = {**visitor(TestClient(api)), **token("C001")}
    operation = schemathesis.openapi.from_asgi("/openapi.json", api)[path][method]

    @given(case=operation.as_strategy())
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def holds(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, excluded_checks=EXCLUDED.get(asked, []))

    holds()


def test_all_that_can_be_asked_is_described(api: FastAPI) -> None:
    told = api.openapi()
    asked = {f"{method.upper()} {path}" for path, methods in told["paths"].items() for method in methods}
    assert asked == set(OPERATIONS)
