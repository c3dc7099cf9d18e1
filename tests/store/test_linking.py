"""Names as customers say, type and mishear them."""

from collections.abc import Iterator

import pytest

from walkiosk.store.database import open_database
from walkiosk.store.linking import EntityLinker, Link, Named
from walkiosk.store.loading import load_folder

from .conftest import FILM_SHOP

PEOPLE = ["person"]


@pytest.fixture(scope="module")
def linker() -> Iterator[EntityLinker]:
    engine = open_database("sqlite://")
    load_folder(engine, FILM_SHOP)
    yield EntityLinker.of_shop(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("words", "types", "node"),
    [
        ("Leonardo DiCaprio", None, "dicaprio"),
        ("leonardo dicapprio", None, "dicaprio"),
        ("Leonardo the Caprio", None, "dicaprio"),
        ("Leo di caprio", None, "dicaprio"),
        ("di caprio", PEOPLE, "dicaprio"),
        ("DiCaprio Leonardo", None, "dicaprio"),
        ("Leo", None, "dicaprio"),
        ("Nolan", None, "nolan"),
        ("NOLAN'S", None, "nolan"),
        ("nolin", PEOPLE, "nolan"),
        ("Kristofer Nolan", None, "nolan"),
        ("christophernolan", None, "nolan"),
        ("Нолан", None, "nolan"),
        ("леонардо дикаприо", None, "dicaprio"),
        ("克里斯托弗诺兰", None, "nolan"),
        ("诺兰", None, "nolan"),
        ("लियोनार्डो डिकैप्रियो", None, "dicaprio"),
        ("नोलन", None, "nolan"),
        ("Tom", None, "hardy"),
        ("the film Inception", None, "inception"),
        ("incepcion", ["film"], "inception"),
        ("Origen", None, "inception"),
        ("el renasido", None, "revenant"),
        ("revenant", None, "revenant"),
        ("titanik", None, "titanic"),
        ("cafe de oya", None, "sku:CA-1"),
        ("peonza", None, "sku:TO-1"),
    ],
)
def test_finds(linker: EntityLinker, words: str, types: list[str] | None, node: str) -> None:
    linking = linker.link(words, types)
    assert linking.best is not None
    assert (linking.best.nodes[0], linking.ambiguous) == (node, False), linking


@pytest.mark.parametrize(
    ("words", "types"),
    [
        ("Stanley Kubrick", None),
        ("Christopher Lee", None),
        ("walrus", None),
        ("", None),
        ("?!", None),
        ("Titanic", PEOPLE),
    ],
)
def test_finds_nothing(linker: EntityLinker, words: str, types: list[str] | None) -> None:
    assert linker.link(words, types).candidates == ()


def test_all_sizes_of_a_product_are_one_candidate(linker: EntityLinker) -> None:
    linking = linker.link("zapato oxford marron", ["product"])
    assert [link.nodes for link in linking.candidates] == [("sku:OX-41", "sku:OX-42", "sku:OX-43")]


def test_about_equal_candidates_are_ambiguous(linker: EntityLinker) -> None:
    linking = linker.link("scene 1", ["scene"])
    assert linking.ambiguous
    assert {link.nodes for link in linking.equals} == {("inception-1",), ("titanic-1",)}


def brothers(edges: int) -> EntityLinker:
    return EntityLinker(
        [
            Named(("jonathan",), "person", ("Jonathan Nolan",), 2),
            Named(("christopher",), "person", ("Christopher Nolan",), edges),
        ]
    )


def test_the_better_known_of_two_is_meant_when_it_is_so_by_far() -> None:
    known = brothers(edges=12).link("Nolan")
    assert (known.best and known.best.nodes, known.ambiguous) == (("christopher",), False)
    assert brothers(edges=3).link("Nolan").ambiguous
    assert not brothers(edges=3).link("Jonathan Nolan").ambiguous


def test_numbers_tell_parts_apart() -> None:
    linker = EntityLinker([Named((f"toys{n}",), "film", (f"Toy Story {n}",)) for n in (2, 3)])
    for said, node in (("toy story 3", "toys3"), ("toy storry II", "toys2")):
        linking = linker.link(said)
        assert (linking.best and linking.best.nodes, linking.ambiguous) == ((node,), False)
    parts = EntityLinker([Named((n,), "film", (n,)) for n in ("Godfather II", "The Godfather")])
    assert (parts.link("godfather").best, parts.link("godfather").ambiguous) == (
        Link(("The Godfather",), "film", "The Godfather", parts.link("godfather").candidates[0].score), False,
    )  # fmt: skip


def test_colours_of_one_name_are_one_candidate() -> None:
    linker = EntityLinker([Named((f"sku:{n}",), "product", ("Wooden chair",)) for n in (1, 2)])
    assert linker.link("wooden chairs").best == linker.link("wooden chairs").candidates[0]
    assert linker.link("wooden chair").candidates[0].nodes == ("sku:1", "sku:2")


def test_an_empty_index_finds_nothing() -> None:
    assert EntityLinker([]).link("anything").best is None


def test_a_misheard_name_is_no_other_ones_chinese_name() -> None:
    linker = EntityLinker(
        [
            Named(("allen",), "person", ("Karen Allen", "Allen", "阿兰"), 2),
            Named(("nolan",), "person", ("Christopher Nolan", "Nolan", "诺兰"), 2),
        ]
    )
    for words, node in (("Nallan", "nolan"), ("阿兰", "allen"), ("诺兰", "nolan")):
        best = linker.link(words).best
        assert best is not None and best.nodes == (node,)
