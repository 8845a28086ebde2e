"""The shop's figures, counted in its records: how it is going, how long shoppers wait, what came of what was shown."""

from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Engine, Select, SQLColumnExpression, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from assistant.schema import Value
from assistant.shop.sessions import transaction
from assistant.shop.tables import (
    FeedbackRow,
    InteractionRow,
    TicketRow,
    TraceRow,
    TraceSearchRow,
    TraceShowingRow,
)

Step = Literal["hour", "day"]

_SQLITE = {"hour": "%Y-%m-%d %H:00", "day": "%Y-%m-%d 00:00"}
_POSTGRES = {"hour": 'YYYY-MM-DD HH24":00"', "day": 'YYYY-MM-DD "00:00"'}
_WENT_ON = {"click": 1, "view": 1, "like": 1, "cart_add": 2, "purchase": 3}
"""How far a showing's product came, by what was done with it; whoever bought it had it in the cart."""


class Overview(Value):
    """What happened in a time. Waits are in seconds from the message, for half of the turns and for 95 in 100."""

    conversations: int
    turns: int
    failed: int
    hand_overs: int
    held_back: int
    searches: int
    without_hits: int
    ups: int
    downs: int
    card_half: float | None
    word_half: float | None
    turn_half: float | None
    turn_most: float | None


class Busy(Value):
    """How busy an hour or a day was (from `at`, UTC), and how long half of its shoppers waited for the first word."""

    at: datetime
    turns: int
    failed: int
    held_back: int
    word_half: float | None
    word_most: float | None


class Thumbs(Value):
    """What was thought of answers on one day."""

    at: datetime
    ups: int
    downs: int


class Funnel(Value):
    """What came of the products that answers showed; each number is contained in the one before it."""

    shown: int
    clicked: int
    in_cart: int
    bought: int


class Insights:
    """Counts in the shop's records. Times are UTC; `since` is the beginning of what is counted."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def overview(self, since: datetime) -> Overview:
        """Return what happened since then."""
        turns = select(
            func.count(TraceRow.conversation_id.distinct()),
            func.count(),
            func.coalesce(func.sum(case((TraceRow.ended == "turn_failed", 1), else_=0)), 0),
            func.coalesce(func.sum(TraceRow.held_back), 0),
        ).where(TraceRow.at >= since)
        searches = (
            select(func.count(), func.coalesce(func.sum(case((TraceSearchRow.hits == 0, 1), else_=0)), 0))
            .join(TraceRow, TraceRow.id == TraceSearchRow.trace_id)
            .where(TraceRow.at >= since)
        )
        thumbs = select(_count("up"), _count("down")).where(FeedbackRow.at >= since)
        tickets = select(func.count()).select_from(TicketRow).where(TicketRow.opened_at >= since)
        with transaction(self._engine) as session:
            conversations, count, failed, held_back = session.execute(turns).one()
            searched, without = session.execute(searches).one()
            ups, downs = session.execute(thumbs).one()
            waits = {
                name: session.execute(_waits(column, since)).one_or_none() or (None, None)
                for name, column in _TIMES.items()
            }
            return Overview(
                conversations=conversations,
                turns=count,
                failed=failed,
                hand_overs=session.scalar(tickets) or 0,
                held_back=held_back,
                searches=searched,
                without_hits=without,
                ups=ups,
                downs=downs,
                card_half=waits["card"][0],
                word_half=waits["word"][0],
                turn_half=waits["turn"][0],
                turn_most=waits["turn"][1],
            )

    def busy(self, since: datetime, step: Step) -> tuple[Busy, ...]:
        """Return each hour or day in which somebody talked, oldest first."""
        bucket = self._bucket(TraceRow.at, step)
        counted = (
            select(
                bucket.label("bucket"),
                func.count().label("turns"),
                func.sum(case((TraceRow.ended == "turn_failed", 1), else_=0)).label("failed"),
                func.sum(TraceRow.held_back).label("held_back"),
            )
            .where(TraceRow.at >= since)
            .group_by(bucket)
            .subquery()
        )
        waits = _waits(TraceRow.first_word, since, bucket).subquery()
        together = (
            select(counted, waits.c.half, waits.c.most)
            .join_from(counted, waits, counted.c.bucket == waits.c.bucket, isouter=True)
            .order_by(counted.c.bucket)
        )
        with transaction(self._engine) as session:
            return tuple(
                Busy(
                    at=_moment(row.bucket),
                    turns=row.turns,
                    failed=row.failed,
                    held_back=row.held_back,
                    word_half=row.half,
                    word_most=row.most,
                )
                for row in session.execute(together)
            )

    def thumbs(self, since: datetime, step: Step) -> tuple[Thumbs, ...]:
        """Return the thumbs of each hour or day that has any, oldest first."""
        bucket = self._bucket(FeedbackRow.at, step)
        counted = select(bucket.label("bucket"), _count("up").label("ups"), _count("down").label("downs"))
        counted = counted.where(FeedbackRow.at >= since).group_by(bucket).order_by(bucket)
        with transaction(self._engine) as session:
            return tuple(
                Thumbs(at=_moment(row.bucket), ups=row.ups, downs=row.downs) for row in session.execute(counted)
            )

    def funnel(self, since: datetime) -> Funnel:
        """Return what came of the products that were shown since then.

        A purchase counts where it names the showing, and where whoever tapped on the product there, or put it into the
        cart, bought it later: a shop's check-out rarely knows of showings.
        """
        done = and_(
            InteractionRow.attribution_id == TraceShowingRow.attribution_id,
            InteractionRow.product_id == TraceShowingRow.product_id,
        )
        reached = case(
            (func.max(case((_bought_later(), 1), else_=0)) == 1, 3),
            else_=func.coalesce(func.max(case(_WENT_ON, value=InteractionRow.kind, else_=0)), 0),
        )
        each = (
            select(reached.label("reached"))
            .select_from(TraceShowingRow)
            .join(TraceRow, TraceRow.id == TraceShowingRow.trace_id)
            .join(InteractionRow, done, isouter=True)
            .where(TraceRow.at >= since)
            .group_by(TraceShowingRow.attribution_id, TraceShowingRow.product_id)
            .subquery()
        )
        counts = [func.coalesce(func.sum(case((each.c.reached >= level, 1), else_=0)), 0) for level in range(4)]
        with transaction(self._engine) as session:
            shown, clicked, in_cart, bought = session.execute(select(*counts)).one()
            return Funnel(shown=shown, clicked=clicked, in_cart=in_cart, bought=bought)

    def _bucket(self, at: SQLColumnExpression[datetime], step: Step) -> ColumnElement[str]:
        if self._engine.dialect.name == "postgresql":
            return func.to_char(at, _POSTGRES[step])
        return func.strftime(_SQLITE[step], at)


_TIMES = {"card": TraceRow.first_card, "word": TraceRow.first_word, "turn": TraceRow.seconds}


def _waits(
    column: SQLColumnExpression[float | None], since: datetime, bucket: ColumnElement[str] | None = None
) -> Select[Any]:
    """Select, by nearest rank, what half of the waits and 95 in 100 are within; by bucket where one is given."""
    buckets = [] if bucket is None else [bucket.label("bucket")]
    ranks = (
        select(
            *buckets,
            column.label("wait"),
            func.row_number().over(partition_by=bucket, order_by=column).label("place"),
            func.count().over(partition_by=bucket).label("of"),
        )
        .where(TraceRow.at >= since, column.is_not(None))
        .subquery()
    )
    half, most = (
        func.min(case((ranks.c.place * 100 >= ranks.c.of * share, ranks.c.wait))).label(name)
        for share, name in ((50, "half"), (95, "most"))
    )
    if bucket is None:
        return select(half, most)
    return select(half, most, ranks.c.bucket).group_by(ranks.c.bucket)


def _bought_later() -> ColumnElement[bool]:
    """Tell whether whoever did this with the product bought it then."""
    bought = aliased(InteractionRow)
    return and_(
        InteractionRow.id.is_not(None),
        exists().where(
            bought.kind == "purchase",
            bought.product_id == InteractionRow.product_id,
            bought.at >= InteractionRow.at,
            or_(
                bought.customer_id == InteractionRow.customer_id,
                bought.visitor_id == InteractionRow.visitor_id,
            ),
        ),
    )


def _count(rating: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((FeedbackRow.rating == rating, 1), else_=0)), 0)


def _moment(bucket: str) -> datetime:
    return datetime.strptime(bucket, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
