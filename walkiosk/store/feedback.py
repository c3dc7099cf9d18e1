"""What customers say of the shop: stars and words, in their language, perhaps of a sale."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine, insert, select, update

from walkiosk.store import tables
from walkiosk.store.customers import now_ms
from walkiosk.store.database import writing

STARS = range(1, 6)
LONGEST = 2000  # letters of a remark that are kept


@dataclass(frozen=True, slots=True)
class Remark:
    """One customer's feedback; `stars` are 1 to 5 or None, `at_ms` milliseconds since 1970; `filed` is the category
    that somebody put it under by hand, `kiosk` where it was made, None for here."""

    id: int
    stars: int | None
    words: str
    language: str | None
    sale_id: str | None
    at_ms: int
    filed: str | None = None
    kiosk: str | None = None


class Feedback:
    """Keeps remarks, without the names of those who made them."""

    def __init__(self, engine: Engine, clock: Callable[[], int] = now_ms) -> None:
        self.engine = engine
        self.clock = clock

    def add(
        self, stars: int | None = None, words: str = "", language: str | None = None, sale_id: str | None = None
    ) -> Remark:
        """Keeps a remark; raises `ValueError` for stars outside 1 to 5, and for neither stars nor words."""
        words = " ".join(words.split())[:LONGEST]
        if stars is not None and stars not in STARS:
            raise ValueError(f"1 to 5 stars, not {stars}")
        if stars is None and not words:
            raise ValueError("feedback without stars and without words")
        own, at_ms = tables.feedback, self.clock()
        row = insert(own).values(stars=stars, words=words, language=language, sale_id=sale_id, at_ms=at_ms)
        with writing(self.engine).begin() as connection:
            number = connection.execute(row.returning(own.c.id)).scalar_one()
        return Remark(number, stars, words, language, sale_id, at_ms)

    def file(self, number: int, category: str | None) -> None:
        """Puts a remark under a category by hand, or (None) leaves that to the model again.

        Raises `KeyError` for a remark that is not there, `ValueError` for one without words and for an empty category.
        """
        own = tables.feedback
        if category is not None and not category.strip():
            raise ValueError("a category without a name")
        with writing(self.engine).begin() as connection:
            words = connection.execute(select(own.c.words).where(own.c.id == number)).scalar()
            if words is None:
                raise KeyError(number)
            if not words:
                raise ValueError(f"remark {number} has stars and no words")
            connection.execute(update(own).where(own.c.id == number).values(filed=category))

    def remarks(self, since_ms: int = 0) -> tuple[Remark, ...]:
        """Every remark from then on, oldest first."""
        own = tables.feedback
        rows = select(own).where(own.c.at_ms >= since_ms).order_by(own.c.at_ms, own.c.id)
        with self.engine.connect() as connection:
            return tuple(Remark(**row) for row in connection.execute(rows).mappings())
