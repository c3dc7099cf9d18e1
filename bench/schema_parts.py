"""A schema too large to be read whole: how often do the relations that a question needs survive the choosing?

    PYTHONPATH=. python bench/schema_parts.py [--data scores/path_query.jsonl] [--room 130] [--quick N] [--weights DIR]

The held-out shops' schemas fit, so the room is made small: each is read in parts of at most ``--room`` tokens, and the
parts' likeliest programs say what is read together in the end. Prints parts a schema, the share of questions whose
relations all survive, beside the share that a blind choice of as many relations would keep.
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path

from walkiosk.score.data import read_rows
from walkiosk.score.graphs import Graphs
from walkiosk.skill import Model
from walkiosk.skill.graph import Graph, named
from walkiosk.skill.semantic_parsing import nearest
from walkiosk.store.knowledge_graph import PathProgram, Schema


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, default=Path("scores/path_query.jsonl"))
    parser.add_argument("--room", type=int, default=130)
    parser.add_argument("--quick", type=int, metavar="N", help="at most so many questions")
    parser.add_argument("--weights", type=Path)
    options = parser.parse_args()
    model = Model.load(options.weights)
    stores = Graphs(model)
    graphs: dict[Schema, Graph] = {}
    rows = [row for row in read_rows(options.data) if row.has("program")]
    random.Random(0).shuffle(rows)
    survived, blind, parts, asked = 0, 0.0, 0, 0
    for row in rows[: options.quick]:
        store = stores.store(row)
        if store is None:
            raise row.fault("store", "a store folder expected in every line")
        schema = store.schema
        names = {relation.name for relation in schema.relations}
        needed = names & set(named(PathProgram.parse(row.text("program"))))
        if not needed:
            continue
        graph = graphs.setdefault(schema, Graph(model, schema, room=options.room))
        kept = {r.name for r in graph.of(nearest(model, graph, row.text("question"), None)).schema.relations}
        asked, parts = asked + 1, parts + len(graph.parts)
        survived += needed <= kept
        rest = len(names) - len(needed)
        if len(kept) >= len(needed):
            blind += math.comb(rest, len(kept) - len(needed)) / math.comb(len(names), len(kept))
    print(
        f"{asked} questions, {parts / asked:.1f} parts a schema: all relations survive {survived / asked:.3f}, "
        f"a blind choice of as many {blind / asked:.3f}"
    )


if __name__ == "__main__":
    main()
