"""A token of the shop's page proves who a visitor is, and nothing else does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import create_engine

from assistant.errors import SettingsError
from assistant.shop.customers import Customers
from assistant.shop.migrations import upgrade_records
from tests.assistant.shop.makers import make_customer
from ui.auth import TokenRefused, Tokens, proven_customer

KEY = "k" * 40
SIGNER = generate_private_key(SECP256R1())
PUBLIC = SIGNER.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def claims(**changed: Any) -> dict[str, Any]:
    return {"sub": "C001", "exp": datetime.now(UTC) + timedelta(minutes=5), **changed}


def signed(key: Any = KEY, algorithm: str | None = "HS256", **changed: Any) -> str:
    given = {name: value for name, value in claims(**changed).items() if value is not None}
    return jwt.encode(given, key, algorithm=algorithm)


def test_a_token_of_the_shop_proves_its_customer() -> None:
    assert Tokens(KEY).customer_id(signed()) == "C001"
    assert Tokens(PUBLIC).customer_id(signed(SIGNER, "ES256")) == "C001"


@pytest.mark.parametrize(
    "token",
    [
        signed("x" * 40),
        signed(None, None),
        signed(exp=datetime.now(UTC) - timedelta(minutes=5)),
        signed(exp=None),
        signed(sub=None),
        signed(nbf=datetime.now(UTC) + timedelta(minutes=5)),
        signed()[:-3] + "AAA",
        "no token at all",
        "",
    ],
    ids=["another key", "no signature", "expired", "never expires", "of nobody", "not yet", "changed", "text", "empty"],
)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(TokenRefused):
        Tokens(KEY).customer_id(token)


def test_a_public_key_is_no_shared_secret() -> None:
    with pytest.raises(TokenRefused):
        Tokens(PUBLIC).customer_id(signed())


@pytest.mark.parametrize("key", ["short", "-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----"])
def test_a_key_that_protects_nothing_is_refused_at_the_door(key: str) -> None:
    with pytest.raises(SettingsError, match="SHELFTALK_TOKEN_KEY"):
        Tokens(key)


def test_a_visitor_without_a_good_token_is_a_guest(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    upgrade_records(engine)
    customers = Customers(engine)
    customers.add(make_customer("ann"))
    assert proven_customer(Tokens(KEY), customers, signed(sub="ann")) == "ann"
    assert proven_customer(Tokens(KEY), customers, signed(sub="eve")) is None
    assert proven_customer(Tokens(KEY), customers, None) is None
    assert proven_customer(None, customers, signed(sub="ann")) is None
    forged = signed("x" * 40, sub="ann")
    assert proven_customer(Tokens(KEY), customers, forged) is None
    assert "refused" in caplog.text
    assert forged not in caplog.text
    engine.dispose()
