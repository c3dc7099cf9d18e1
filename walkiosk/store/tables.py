"""The tables of a shop: its facts, which a folder replaces whole, and its books, which only grow.

Money is in cents (hundredths of the currency), percentages in basis points (hundredths of a percent), instants in
milliseconds since 1970 UTC. The books name goods and customers by plain text, so that they outlive them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    false,
)
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _plain() -> TypeEngine[str]:
    """Text that sorts by code point in both databases; SQLite does so by itself."""
    return Text().with_variant(Text(collation="C"), "postgresql")


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, _plain(), nullable=null, primary_key=key)


def _integer(name: str, *, null: bool = False, key: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=null, primary_key=key)


def _instant(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _number() -> Column[int]:
    """A row's own number; at headquarters it has the kiosk's in front, see headquarters."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _kiosk() -> Column[str]:
    return _text("kiosk", null=True)  # whose row this is, at headquarters; null: it was written here


# The shop's facts.

setting = Table("setting", metadata, _text("key", key=True), _text("value"))

product = Table(
    "product",
    metadata,
    _text("sku", key=True),
    Column("node", _plain(), nullable=False, unique=True),  # "sku:" + sku, as edges name it
    _text("thing"),  # what its sizes share: its style and colour, or itself
    _integer("position"),  # line of the file, the order of the shop
    _text("name"),
    _text("name_folded"),
    _text("category"),
    _text("category_folded"),
    _integer("price_cents"),
    _text("style", null=True),
    _text("size", null=True),
    _text("size_folded", null=True),
    Column("size_number", Float, nullable=True),
    _text("colour", null=True),
    _text("colour_folded", null=True),
    _integer("listed_stock", null=True),  # as the file says; null: not counted
    _text("slot", null=True),
    _integer("slot_capacity", null=True),
    _integer("pack_size", null=True),
    _integer("shelf_life_days", null=True),
    _integer("minimum_age", null=True),
    _integer("tax_basis_points", null=True),
    _integer("item_cap", null=True),
    _text("image", null=True),
    _text("description", null=True),
    _text("words"),  # folding.searchable of its names, style and descriptions
    Index("ix_product_thing", "thing"),
)

product_translation = Table(
    "product_translation",
    metadata,
    Column("sku", _plain(), ForeignKey("product.sku", ondelete="CASCADE"), primary_key=True),
    _text("language", key=True),
    _text("name", null=True),
    _text("description", null=True),
)

entity = Table(
    "entity",
    metadata,
    _text("id", key=True),
    _integer("position"),
    _text("type"),
    _text("name"),
    _text("image", null=True),
    _text("clip", null=True),
    _text("words"),
    Index("ix_entity_type", "type"),
)

entity_alias = Table(
    "entity_alias",
    metadata,
    _integer("id", key=True),
    Column("entity_id", _plain(), ForeignKey("entity.id", ondelete="CASCADE"), nullable=False),
    _text("language", null=True),
    _text("alias"),
    Index("ix_entity_alias_entity_id", "entity_id"),
)

relation = Table(
    "relation",
    metadata,
    _text("name", key=True),
    _integer("position"),
    _text("subject_types"),
    _text("object_types"),
    _text("phrase"),
    _text("inverse_phrase"),
    _text("ordered_by", null=True),
)

edge = Table(
    "edge",
    metadata,
    _integer("position", key=True),
    _text("subject"),
    Column("relation", _plain(), ForeignKey("relation.name"), nullable=False),
    _text("object"),
    Column("low", Float, nullable=True),  # a literal's place on its line, see knowledge_graph.literal
    Column("high", Float, nullable=True),
    _text("words", null=True),  # folding.searchable of a text
    Index("ix_edge_subject_relation", "subject", "relation"),
    Index("ix_edge_object_relation", "object", "relation"),
)

customer = Table(
    "customer",
    metadata,
    _text("id", key=True),
    _text("name"),
    _text("language", null=True),
    _text("tier", null=True),
    _text("pin_salt", null=True),
    _text("pin_hash", null=True),
)

customer_size = Table(
    "customer_size",
    metadata,
    Column("customer_id", _plain(), ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
    _text("kind", key=True),
    _text("size"),
)

offer = Table(
    "offer",
    metadata,
    _integer("id", key=True),
    _text("sku", null=True),
    _text("category", null=True),
    _text("category_folded", null=True),
    _text("tier", null=True),
    _integer("basis_points_off"),
    Column("starts", Date, nullable=True),
    Column("ends", Date, nullable=True),
    Column("combines", Boolean, nullable=False, server_default=false()),
)

past_sale = Table(
    "past_sale",
    metadata,
    _integer("id", key=True),
    _text("sku"),
    Column("date", Date, nullable=False),
    _integer("units"),
    _integer("price_cents", null=True),
    _text("promotion", null=True),
    Index("ix_past_sale_sku_date", "sku", "date"),
)

# The shop's books.

customer_lock = Table(
    "customer_lock",
    metadata,
    _text("customer_id", key=True),
    _integer("wrong_pins"),
    _instant("locked_until_ms"),
)

stock_movement = Table(
    "stock_movement",
    metadata,
    _number(),
    Column("key", _plain(), nullable=False, unique=True),  # one movement is booked once, however often it is reported
    _text("sku"),
    _integer("quantity"),
    _text("reason"),
    _text("sale_id", null=True),
    _instant("at_ms"),
    _kiosk(),
    Index("ix_stock_movement_sku", "sku"),
)

basket = Table(
    "basket",
    metadata,
    _text("id", key=True),
    _text("customer_id", null=True),
    Column("open", Boolean, nullable=False),
    _instant("created_ms"),
)

basket_line = Table(
    "basket_line",
    metadata,
    Column("basket_id", _plain(), ForeignKey("basket.id"), primary_key=True),
    _text("sku", key=True),
    _integer("position"),
    _integer("quantity"),
)

sale = Table(
    "sale",
    metadata,
    _text("id", key=True),
    Column("basket_id", _plain(), ForeignKey("basket.id"), nullable=False),
    _text("customer_id", null=True),
    _text("state"),
    _text("currency"),
    _integer("total_cents"),
    Column("key", _plain(), nullable=False, unique=True),  # the idempotency key, made once
    _text("authorisation", null=True),  # the provider's reference
    _integer("captured_cents"),
    _integer("refunded_cents"),
    _instant("reserved_until_ms"),
    _instant("created_ms"),
    _instant("updated_ms"),
    _kiosk(),
    Index("ix_sale_state", "state"),
)

sale_line = Table(
    "sale_line",
    metadata,
    Column("sale_id", _plain(), ForeignKey("sale.id"), primary_key=True),
    _text("sku", key=True),
    _integer("position"),
    _text("name"),
    _text("slot", null=True),
    _integer("quantity"),
    _integer("unit_cents"),  # what the customer pays for one, tax and deal included
    _integer("list_cents"),  # what the shelf says
    _integer("tax_basis_points"),
    Index("ix_sale_line_sku", "sku"),
)

sale_arrow = Table(
    "sale_arrow",
    metadata,
    _number(),
    Column("sale_id", _plain(), ForeignKey("sale.id"), nullable=False),
    _text("name"),  # authorise, dispense, capture, release, refund
    _text("key"),
    _integer("cents"),
    _text("outcome", null=True),  # null: written, not yet known to have happened
    _instant("at_ms"),
    Index("ix_sale_arrow_sale_id", "sale_id"),
    Index("ix_sale_arrow_key", "key"),
)

dispense = Table(
    "dispense",
    metadata,
    _text("key", key=True),
    Column("sale_id", _plain(), ForeignKey("sale.id"), nullable=False),
    _text("sku"),
    _text("slot"),
    _text("outcome", null=True),  # dropped, jammed, empty, not_started; null: asked for, answer not known
    _instant("at_ms"),
    Index("ix_dispense_sale_id", "sale_id"),
)

feedback = Table(
    "feedback",
    metadata,
    _number(),
    _integer("stars", null=True),
    _text("words"),
    _text("language", null=True),
    _text("sale_id", null=True),
    _instant("at_ms"),
    _text("filed", null=True),  # the category that somebody behind the counter put it under
    _kiosk(),
)

FACTS = (
    setting, edge, relation, entity_alias, entity, product_translation, product,
    customer_size, customer, offer, past_sale,
)  # fmt: skip  # in an order in which they can be emptied
