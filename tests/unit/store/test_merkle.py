"""Merkle trees of RFC 9162, by its published vectors and by every tree up to forty leaves."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from store.merkle import path, root, root_from_path

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "verify_package.py"

#: Leaves and roots of the test data that the implementations of Certificate Transparency share.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


@pytest.mark.parametrize(("size", "expected"), ROOTS.items())
def test_roots_are_those_of_certificate_transparency(size: int, expected: str) -> None:
    assert root(LEAVES[:size]).hex() == expected


def _of_the_example() -> Callable[[bytes, int, int, Sequence[bytes]], bytes | None]:
    spec = importlib.util.spec_from_file_location("verify_package", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    function: Callable[[bytes, int, int, Sequence[bytes]], bytes | None] = module.root_from_path
    return function


@pytest.mark.parametrize("follow", [root_from_path, _of_the_example()], ids=["ours", "example"])
def test_every_path_of_every_small_tree_leads_to_its_root(
    follow: Callable[[bytes, int, int, Sequence[bytes]], bytes | None],
) -> None:
    entries = [hashlib.sha256(bytes([n])).digest() for n in range(40)]
    for size in range(1, 41):
        top = root(entries[:size])
        for index in range(size):
            siblings = path(entries[:size], index)
            assert follow(entries[index], index, size, siblings) == top
            assert follow(entries[(index + 1) % 40], index, size, siblings) != top
            assert follow(entries[index], index, size, [*siblings, top]) is None
            if size > 1:
                assert follow(entries[index], (index + 1) % size, size, siblings) != top
                assert follow(entries[index], index, size, siblings[:-1]) is None
    assert root_from_path(entries[0], 1, 1, []) is None


def test_there_is_no_path_from_an_entry_that_is_not_there() -> None:
    with pytest.raises(IndexError):
        path([b"a"], 1)
