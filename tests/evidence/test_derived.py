"""Tables that are made from others: against the same tables as they are published."""

from __future__ import annotations

import polars as pl
import pytest

from detente.errors import MissingData
from detente.evidence.datasets import derived, store
from detente.evidence.panel.rows import panel

PAIR = ["ccode1", "ccode2", "year"]


@pytest.mark.parametrize("source", ["gml", "cow-mid"])
def test_disputes_by_dyad_give_those_by_directed_dyad_year(data, source):
    """The same pairs and years, onsets and disputes under way; the rest in 99 of 100 rows."""
    published = store.table("disputes_directed", source=source)
    made = derived.disputes_directed(lambda name: store.table(name, source=source))
    both = published.join(made, on=PAIR, suffix="_made")

    assert made.height == published.height == both.height
    for name in ("onset", "ongoing"):
        assert (both[name] == both[f"{name}_made"]).all()
    for name in ("orig1", "side_a1", "hostility1"):
        assert (both[name] == both[f"{name}_made"]).mean() > 0.99


def test_participants_give_wars_by_dyad(data):
    """Nearly all pairs and years that are published by dyad, and few others."""
    key = ["warnum", *PAIR]
    published = store.table("war_dyads").select(key).unique()
    made = derived.war_dyads(store.table).select(key)

    found = made.join(published, on=key, how="semi").height

    assert (1834, 1840) == (found, published.height)  # as docs/evidence/data.md says
    assert made.join(published, on=key, how="anti").height < 0.03 * made.height


def test_regimes_are_those_of_both_makers():
    """A state and year that one of them lacks has a null there; no unified score is made up."""
    tables = {
        "polity": pl.DataFrame({"ccode": [2, 20], "year": [1900, 1900], "polity2": [10.0, None]}),
        "vdem": pl.DataFrame({"ccode": [2, None], "year": [1900, 1900], "polyarchy": [0.4, 0.1]}),
    }
    made = derived.regime(tables.get)
    alone = derived.regime({"polity": tables["polity"]}.get)

    assert [(2, 1900, None, 10.0, 0.4), (20, 1900, None, None, None)] == made.rows()
    assert alone["polyarchy"].null_count() == 2


def test_a_folder_with_another_file_of_the_makers_serves_the_panel(shared, empty):
    """Wars and regimes come from the released files; what still lacks is named with the reason."""
    names = ("states2016.csv", "Inter-StateWarData_v4.0_pre1990.csv", "p4v2015.csv.gz",
             "MIDB_5.0_pre1990.csv")  # fmt: skip
    store.add([shared / "original" / name for name in names])
    table = panel(1914, 1914, add=["wars", "regime"])

    assert table["war_onset"].sum() > 0
    assert table["polity21"].drop_nulls().len() > 0
    with pytest.raises(MissingData) as caught:
        panel(1914, 1914, add="disputes")
    assert "(dispute_participants) does not hold it" in str(caught.value)
