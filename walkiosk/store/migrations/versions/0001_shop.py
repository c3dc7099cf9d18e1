"""The shop's facts and books."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Makes every table."""
    op.create_table(
        "basket",
        sa.Column("id", PLAIN, nullable=False),
        sa.Column("customer_id", PLAIN, nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_basket")),
    )
    op.create_table(
        "customer",
        sa.Column("id", PLAIN, nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("language", PLAIN, nullable=True),
        sa.Column("tier", PLAIN, nullable=True),
        sa.Column("pin_salt", PLAIN, nullable=True),
        sa.Column("pin_hash", PLAIN, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_table(
        "customer_lock",
        sa.Column("customer_id", PLAIN, nullable=False),
        sa.Column("wrong_pins", sa.Integer(), nullable=False),
        sa.Column("locked_until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_lock")),
    )
    op.create_table(
        "entity",
        sa.Column("id", PLAIN, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", PLAIN, nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("image", PLAIN, nullable=True),
        sa.Column("clip", PLAIN, nullable=True),
        sa.Column("words", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity")),
    )
    op.create_index("ix_entity_type", "entity", ["type"], unique=False)
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("words", PLAIN, nullable=False),
        sa.Column("language", PLAIN, nullable=True),
        sa.Column("sale_id", PLAIN, nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sku", PLAIN, nullable=True),
        sa.Column("category", PLAIN, nullable=True),
        sa.Column("category_folded", PLAIN, nullable=True),
        sa.Column("tier", PLAIN, nullable=True),
        sa.Column("basis_points_off", sa.Integer(), nullable=False),
        sa.Column("starts", sa.Date(), nullable=True),
        sa.Column("ends", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_table(
        "past_sale",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=True),
        sa.Column("promotion", PLAIN, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_sale")),
    )
    op.create_index("ix_past_sale_sku_date", "past_sale", ["sku", "date"], unique=False)
    op.create_table(
        "product",
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("node", PLAIN, nullable=False),
        sa.Column("thing", PLAIN, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("name_folded", PLAIN, nullable=False),
        sa.Column("category", PLAIN, nullable=False),
        sa.Column("category_folded", PLAIN, nullable=False),
        sa.Column("price_cents", sa.Integer(), nullable=False),
        sa.Column("style", PLAIN, nullable=True),
        sa.Column("size", PLAIN, nullable=True),
        sa.Column("size_folded", PLAIN, nullable=True),
        sa.Column("size_number", sa.Float(), nullable=True),
        sa.Column("colour", PLAIN, nullable=True),
        sa.Column("colour_folded", PLAIN, nullable=True),
        sa.Column("listed_stock", sa.Integer(), nullable=True),
        sa.Column("slot", PLAIN, nullable=True),
        sa.Column("slot_capacity", sa.Integer(), nullable=True),
        sa.Column("pack_size", sa.Integer(), nullable=True),
        sa.Column("shelf_life_days", sa.Integer(), nullable=True),
        sa.Column("minimum_age", sa.Integer(), nullable=True),
        sa.Column("tax_basis_points", sa.Integer(), nullable=True),
        sa.Column("item_cap", sa.Integer(), nullable=True),
        sa.Column("image", PLAIN, nullable=True),
        sa.Column("description", PLAIN, nullable=True),
        sa.Column("words", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_product")),
        sa.UniqueConstraint("node", name=op.f("uq_product_node")),
    )
    op.create_index("ix_product_thing", "product", ["thing"], unique=False)
    op.create_table(
        "relation",
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject_types", PLAIN, nullable=False),
        sa.Column("object_types", PLAIN, nullable=False),
        sa.Column("phrase", PLAIN, nullable=False),
        sa.Column("inverse_phrase", PLAIN, nullable=False),
        sa.Column("ordered_by", PLAIN, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_relation")),
    )
    op.create_table(
        "setting",
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("value", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "stock_movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", PLAIN, nullable=False),
        sa.Column("sale_id", PLAIN, nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movement")),
        sa.UniqueConstraint("key", name=op.f("uq_stock_movement_key")),
    )
    op.create_index("ix_stock_movement_sku", "stock_movement", ["sku"], unique=False)
    op.create_table(
        "basket_line",
        sa.Column("basket_id", PLAIN, nullable=False),
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"], name=op.f("fk_basket_line_basket_id")),
        sa.PrimaryKeyConstraint("basket_id", "sku", name=op.f("pk_basket_line")),
    )
    op.create_table(
        "customer_size",
        sa.Column("customer_id", PLAIN, nullable=False),
        sa.Column("kind", PLAIN, nullable=False),
        sa.Column("size", PLAIN, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_customer_size_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "kind", name=op.f("pk_customer_size")),
    )
    op.create_table(
        "edge",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("subject", PLAIN, nullable=False),
        sa.Column("relation", PLAIN, nullable=False),
        sa.Column("object", PLAIN, nullable=False),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("words", PLAIN, nullable=True),
        sa.ForeignKeyConstraint(["relation"], ["relation.name"], name=op.f("fk_edge_relation")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_edge")),
    )
    op.create_index("ix_edge_object_relation", "edge", ["object", "relation"], unique=False)
    op.create_index("ix_edge_subject_relation", "edge", ["subject", "relation"], unique=False)
    op.create_table(
        "entity_alias",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entity_id", PLAIN, nullable=False),
        sa.Column("language", PLAIN, nullable=True),
        sa.Column("alias", PLAIN, nullable=False),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entity.id"], name=op.f("fk_entity_alias_entity_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entity_alias")),
    )
    op.create_index("ix_entity_alias_entity_id", "entity_alias", ["entity_id"], unique=False)
    op.create_table(
        "product_translation",
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("language", PLAIN, nullable=False),
        sa.Column("name", PLAIN, nullable=True),
        sa.Column("description", PLAIN, nullable=True),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("fk_product_translation_sku"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sku", "language", name=op.f("pk_product_translation")),
    )
    op.create_table(
        "sale",
        sa.Column("id", PLAIN, nullable=False),
        sa.Column("basket_id", PLAIN, nullable=False),
        sa.Column("customer_id", PLAIN, nullable=True),
        sa.Column("state", PLAIN, nullable=False),
        sa.Column("currency", PLAIN, nullable=False),
        sa.Column("total_cents", sa.Integer(), nullable=False),
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("authorisation", PLAIN, nullable=True),
        sa.Column("captured_cents", sa.Integer(), nullable=False),
        sa.Column("refunded_cents", sa.Integer(), nullable=False),
        sa.Column("reserved_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["basket_id"], ["basket.id"], name=op.f("fk_sale_basket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale")),
        sa.UniqueConstraint("key", name=op.f("uq_sale_key")),
    )
    op.create_index("ix_sale_state", "sale", ["state"], unique=False)
    op.create_table(
        "dispense",
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("sale_id", PLAIN, nullable=False),
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("slot", PLAIN, nullable=False),
        sa.Column("outcome", PLAIN, nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_dispense_sale_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_dispense")),
    )
    op.create_index("ix_dispense_sale_id", "dispense", ["sale_id"], unique=False)
    op.create_table(
        "sale_arrow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sale_id", PLAIN, nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("key", PLAIN, nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("outcome", PLAIN, nullable=True),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_sale_arrow_sale_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_arrow")),
    )
    op.create_index("ix_sale_arrow_sale_id", "sale_arrow", ["sale_id"], unique=False)
    op.create_table(
        "sale_line",
        sa.Column("sale_id", PLAIN, nullable=False),
        sa.Column("sku", PLAIN, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", PLAIN, nullable=False),
        sa.Column("slot", PLAIN, nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_cents", sa.Integer(), nullable=False),
        sa.Column("list_cents", sa.Integer(), nullable=False),
        sa.Column("tax_basis_points", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sale_id"], ["sale.id"], name=op.f("fk_sale_line_sale_id")),
        sa.PrimaryKeyConstraint("sale_id", "sku", name=op.f("pk_sale_line")),
    )
    op.create_index("ix_sale_line_sku", "sale_line", ["sku"], unique=False)


def downgrade() -> None:
    """Drops every table."""
    op.drop_index("ix_sale_line_sku", table_name="sale_line")
    op.drop_table("sale_line")
    op.drop_index("ix_sale_arrow_sale_id", table_name="sale_arrow")
    op.drop_table("sale_arrow")
    op.drop_index("ix_dispense_sale_id", table_name="dispense")
    op.drop_table("dispense")
    op.drop_index("ix_sale_state", table_name="sale")
    op.drop_table("sale")
    op.drop_table("product_translation")
    op.drop_index("ix_entity_alias_entity_id", table_name="entity_alias")
    op.drop_table("entity_alias")
    op.drop_index("ix_edge_subject_relation", table_name="edge")
    op.drop_index("ix_edge_object_relation", table_name="edge")
    op.drop_table("edge")
    op.drop_table("customer_size")
    op.drop_table("basket_line")
    op.drop_index("ix_stock_movement_sku", table_name="stock_movement")
    op.drop_table("stock_movement")
    op.drop_table("setting")
    op.drop_table("relation")
    op.drop_index("ix_product_thing", table_name="product")
    op.drop_table("product")
    op.drop_index("ix_past_sale_sku_date", table_name="past_sale")
    op.drop_table("past_sale")
    op.drop_table("offer")
    op.drop_table("feedback")
    op.drop_index("ix_entity_type", table_name="entity")
    op.drop_table("entity")
    op.drop_table("customer_lock")
    op.drop_table("customer")
    op.drop_table("basket")
