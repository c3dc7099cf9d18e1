"""Which graph stands behind an example: of the store on the command line, of the row's own store, or of its names."""

from __future__ import annotations

import re
from pathlib import Path

from walkiosk.kiosk.goods import Shop
from walkiosk.kiosk.skills import Skills
from walkiosk.score.data import Row
from walkiosk.skill import Model
from walkiosk.skill.graph import Graph
from walkiosk.store import Store
from walkiosk.store.knowledge_graph import Relation, Schema
from walkiosk.store.sheet import FolderError

ANYTHING = "thing"  # the type of both ends of a relation of which only the name is known


class Graphs:
    """Opens each store and reads each schema once."""

    def __init__(self, model: Model, store: Path | None = None) -> None:
        self.model = model
        self.folder = store
        self.stores: dict[Path, Store] = {}
        self.shops: dict[Path | None, Shop] = {}
        self.graphs: dict[Schema, Graph] = {}

    def store(self, row: Row) -> Store | None:
        """The store of the row's own field, else the one that was given, else None."""
        folder = row.path("store") if row.has("store") else self.folder
        if folder is None:
            return None
        folder = folder.resolve()
        if folder not in self.stores:
            try:
                self.stores[folder] = Store.open(folder, "sqlite://")
            except FolderError as error:
                if not row.has("store"):
                    raise
                raise row.fault("store", str(error)) from error
        return self.stores[folder]

    def shop(self, row: Row) -> Shop | None:
        """The row's store with the model's skills in it, as a kiosk has them."""
        store = self.store(row)
        if store is None:
            return None
        if store.folder not in self.shops:
            skills = Skills.of(self.model, store)
            self.shops[store.folder] = Shop(store, skills, store.settings.languages)
        return self.shops[store.folder]

    def of(self, schema: Schema, store: Store | None = None) -> Graph:
        """The schema as the model has read it; with a store, its names say which types they may have."""
        if schema not in self.graphs:
            known = None if store is None else store.linker.types_of
            self.graphs[schema] = Graph(self.model, schema, known)
        return self.graphs[schema]

    def of_types(self, row: Row) -> Graph:
        """The store's graph, or one of nothing but the row's ``types``."""
        if (store := self.store(row)) is not None:
            return self.of(store.schema, store)
        types = row.items("types")
        if not types or not all(isinstance(name, str) for name in types):
            raise row.fault("types", "the names of some types expected, or a store")
        return self.of(Schema(tuple(types), ()))

    def of_relations(self, row: Row) -> Graph:
        """The store's graph, or one of the row's ``relations``."""
        if (store := self.store(row)) is not None:
            return self.of(store.schema, store)
        relations = tuple(_relation(item, row) for item in row.items("relations"))
        if not relations:
            raise row.fault("relations", "some relations expected, or a store")
        types = (kind for relation in relations for kind in (*relation.subject_types, *relation.object_types))
        return self.of(Schema(tuple(dict.fromkeys(types)), relations))

    def close(self) -> None:
        """Give the databases back."""
        for store in self.stores.values():
            store.close()


def _relation(item: object, row: Row) -> Relation:
    """A relation from its name, or from an object such as a row of relations.csv."""
    if isinstance(item, str):
        item = {"name": item}
    if not isinstance(item, dict):
        raise row.fault("relations", f"names or objects expected, found {item!r}")
    told = Row(item, row.file, row.line)
    name = told.text("name", told.text("relation", ""))
    if not name:
        raise row.fault("relations", "a relation without a name")
    subject, object_ = told.text("subject_type", ANYTHING), told.text("object_type", ANYTHING)
    phrase = told.text("phrase", _words(name))
    return Relation(name, tuple(subject.split("|")), tuple(object_.split("|")), phrase, told.text("inverse_phrase", ""))


def _words(name: str) -> str:
    """``acted_in`` and ``actedIn`` as a phrase."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " ").lower()
