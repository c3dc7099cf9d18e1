"""How much of relation_classification is the loaded graph's: the same examples where it knows the names, and where not.

    python bench/nameless_relations.py [--data scores/relation_classification.jsonl] [--weights DIR]

A graph that knows two names says which types they have, and so which relations may hold; a row that brings the
relations of its shop in place of the shop leaves them all open.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from walkiosk.score.data import read_rows
from walkiosk.score.graphs import Graphs
from walkiosk.score.scoring import score
from walkiosk.skill import Model
from walkiosk.store.knowledge_graph import Schema

SKILL = "relation_classification"


def told(schema: Schema) -> list[dict[str, str]]:
    """A schema's relations as a row brings them."""
    return [
        {
            "name": relation.name,
            "subject_type": "|".join(relation.subject_types),
            "object_type": "|".join(relation.object_types),
            "phrase": relation.phrase,
            "inverse_phrase": relation.inverse_phrase,
        }
        for relation in schema.relations
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("scores/relation_classification.jsonl"))
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    model = Model.load(options.weights)
    graphs = Graphs(model)
    rows: list[dict[str, Any]] = []
    for row in read_rows(options.data):
        store = graphs.store(row)
        if store is None:
            raise row.fault("store", "a store folder expected in every line")
        fields = {name: value for name, value in row.fields.items() if name != "store"}
        rows.append({**fields, "relations": told(store.schema)})
    with tempfile.TemporaryDirectory() as scratch:
        nameless = Path(scratch) / "nameless.jsonl"
        nameless.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        for known, data in (("names known", options.data), ("names unknown", nameless)):
            found = score(SKILL, data, None, model)
            print(f"{known:14} macro-F1 {found.value:.3f}  accuracy {found.by['accuracy']:.3f}  n {found.n}")


if __name__ == "__main__":
    main()
