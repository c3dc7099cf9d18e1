"""Takes a thing out of a folder together with the rows that name it, so that the folder stays faultless."""

from walkiosk.store.editing.change import Cells, Change, key_of
from walkiosk.store.editing.editor import Editor
from walkiosk.store.knowledge_graph import SKU

NAMED_IN: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {  # file: the files and columns that name its rows
    "products.csv": (("edges.csv", ("subject", "object")), ("offers.csv", ("sku",)), ("sales.csv", ("sku",))),
    "entities.csv": (("edges.csv", ("subject", "object")),),
    "relations.csv": (("edges.csv", ("relation",)),),
}


def removal(editor: Editor, file: str, row: Cells) -> tuple[Change, ...]:
    """The changes that remove a row: those of the rows that name it first, then its own."""
    key = " ".join(key_of(file, row))
    changes = []
    for other, columns in NAMED_IN.get(file, ()):
        name = f"{SKU}{key}" if (file, other) == ("products.csv", "edges.csv") else key
        named = [cells for cells in editor.rows(other) if name in [cells.get(column) for column in columns]]
        changes += [Change(other, cells, None) for cells in named]
    return (*changes, Change(file, row, None))
