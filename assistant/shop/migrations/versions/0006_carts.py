"""Carts, and the coupons that take something off them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0016"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "carts",
        sa.Column("owner", sa.String(140), primary_key=True),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("coupon", sa.String(40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
    )
    op.create_table(
        "cart_lines",
        sa.Column("owner", sa.String(140), sa.ForeignKey("carts.owner", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("product_id", sa.String(200), nullable=False),
        sa.Column("variant_id", sa.String(200), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name="cart_line_has_pieces"),
    )
    op.create_table(
        "coupons",
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("value", sa.String(32), nullable=False),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("minimum", sa.String(32), nullable=True),
        sa.Column("starts_at", sa.DateTime(), nullable=True),
        sa.Column("ends_at", sa.DateTime(), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=True),
        sa.Column("categories", sa.JSON(), nullable=False),
    )
    op.create_table(
        "coupon_uses",
        sa.Column("code", sa.String(40), sa.ForeignKey("coupons.code", ondelete="CASCADE"), primary_key=True),
        sa.Column("cart_id", sa.String(32), primary_key=True),
        sa.Column("until", sa.DateTime(), nullable=True),
        sa.Column("order_id", sa.String(64), nullable=True),
    )
