"""Whole or refused: what is damaged anywhere does not open as if it were whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente as dt
from detente.errors import ResultError
from detente.results import Result, build

FORMS = ("nc", "zarr")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small result in both forms that open again."""
    folder = tmp_path_factory.mktemp("saved")
    result = sample()
    return {form: result.save(folder / f"result.{form}") for form in FORMS}


def sample(**attrs: object) -> Result:
    """A result with every kind of variable: numbers, whole numbers, yes or no, and texts."""
    return build(
        "rare",
        reading="Nothing of note.",
        variables={
            "estimate": (("repetition",), [0.5, np.nan, -0.0], "probability", "of each"),
            "count": (("repetition",), np.array([1, 2, 3], dtype=np.int64), "", "how many"),
            "good": (("repetition",), [True, False, True], "", "whether"),
            "table": (("repetition", "dyad"), np.zeros((3, 2)), "", "zeros, as a lost chunk has"),
            "mean": ((), 0.25, "probability", "of all"),
        },
        coordinates={
            "repetition": np.arange(3),
            "dyad": ["AAA-BBB", "ÄÖÜ-ßçé"],
            "note": ("dyad", ["", "a note"]),
        },
        settings={"days": 3, "nested": {"a": [1, 2]}},
        seed=7,
        title="A test",
        **attrs,
    )


def opened(path: Path) -> Result | None:
    """The result at a path; None if it is refused, as only a `ResultError` may do."""
    try:
        return dt.open(path)
    except ResultError:
        return None


@pytest.mark.parametrize("form", FORMS)
def test_what_is_saved_opens_identical(saved, form):
    """Values, types, labels and attributes come back as they were."""
    original, again = sample(), dt.open(saved[form])

    assert original.data.identical(again.data)
    assert {n: v.dtype for n, v in original.data.variables.items()} == {
        n: v.dtype for n, v in again.data.variables.items()
    }
    assert again.whole


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_found_or_harmless(saved, tmp_path_factory, place, bit):
    """Wherever a bit of a NetCDF file flips, it is refused, or nothing in it has changed."""
    content = bytearray(saved["nc"].read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    damaged = tmp_path_factory.mktemp("bit") / "result.nc"
    damaged.write_bytes(content)
    result = opened(damaged)

    assert result is None or result.data.identical(sample().data)


def test_a_lost_list_of_coordinates_is_found(saved, tmp_path):
    """A file whose labels would come back as values is refused, though every value is there."""
    content = saved["nc"].read_bytes()
    damaged = tmp_path / "result.nc"
    damaged.write_bytes(content.replace(b"coordinates\0", b"boordinates\0", 1))

    assert content.count(b"coordinates\0")
    assert opened(damaged) is None


@given(place=st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_refused(saved, tmp_path_factory, place):
    """A NetCDF file that ends anywhere before its end is not opened."""
    content = saved["nc"].read_bytes()
    damaged = tmp_path_factory.mktemp("cut") / "result.nc"
    damaged.write_bytes(content[: int(place * len(content))])

    assert opened(damaged) is None


def members(store: Path) -> list[Path]:
    """All files of a store, in order."""
    return sorted(path for path in store.rglob("*") if path.is_file())


def test_a_lost_piece_of_a_store_is_named(saved, tmp_path, capfd):
    """Without any one of its files a store is refused, the variable named, nothing else said."""
    for lost in members(saved["zarr"]):
        copy = tmp_path / "result.zarr"
        shutil.copytree(saved["zarr"], copy)
        place = lost.relative_to(saved["zarr"])
        (copy / place).unlink()
        with pytest.raises(ResultError) as refusal:
            dt.open(copy)
        if len(place.parts) > 1:
            assert place.parts[0] in str(refusal.value)
        shutil.rmtree(copy)

    assert ("", "") == tuple(capfd.readouterr())


@given(which=st.integers(0, 999), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_in_a_store_is_found_or_harmless(saved, tmp_path_factory, which, place, bit):
    """Wherever a bit of a store flips, it is refused, or nothing in it has changed."""
    copy = tmp_path_factory.mktemp("bit") / "result.zarr"
    shutil.copytree(saved["zarr"], copy)
    files = [path for path in members(copy) if path.stat().st_size]
    file = files[which % len(files)]
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    file.write_bytes(content)
    result = opened(copy)

    assert result is None or result.data.identical(sample().data)


@given(content=st.binary(max_size=400), start=st.sampled_from([b"", b"CDF\x01", b"CDF\x02"]))
def test_no_foreign_error_leaves_the_loader(tmp_path_factory, content, start):
    """Whatever a file holds, it is refused by an error of our own."""
    path = tmp_path_factory.mktemp("any") / "result.nc"
    path.write_bytes(start + content)

    assert opened(path) is None


@pytest.mark.parametrize(
    "head",
    ['{"a":' * 100_000, "[" * 100_000, '{"attributes": 1' + "0" * 5000 + "}", "null", "\x00"],
    ids=["deep object", "deep list", "long number", "null", "nothing"],
)
def test_odd_heads_of_a_store_are_refused(tmp_path, head):
    """Deep or endless JSON at the top of a store is refused like any other damage."""
    (tmp_path / "result.zarr").mkdir()
    (tmp_path / "result.zarr" / "zarr.json").write_text(head)

    with pytest.raises(ResultError):
        dt.open(tmp_path / "result.zarr")


def test_what_is_lost_is_said(tmp_path):
    """The variable that is not as it was saved is named, and how to make the result again."""
    path = sample(command="detente crisis rare").save(tmp_path / "result.nc")
    content = path.read_bytes()
    at = content.index(np.array([0.5], dtype=">f8").tobytes())
    path.write_bytes(content[:at] + b"\x40" + content[at + 1 :])

    with pytest.raises(ResultError, match=r"estimate is not as it was saved.*detente crisis rare"):
        dt.open(path)


def test_a_variable_that_was_taken_out_is_missed(tmp_path):
    """A file that another program saved with fewer variables is not whole."""
    import xarray as xr

    with xr.open_dataset(sample().save(tmp_path / "r.nc"), engine="scipy") as data:
        data.drop_vars("mean").to_netcdf(tmp_path / "less.nc", engine="scipy")

    with pytest.raises(ResultError, match="mean is missing"):
        dt.open(tmp_path / "less.nc")


def test_other_files_are_refused_with_what_would_be_right(tmp_path):
    """A folder, a table, a NetCDF file of somebody else, and nothing at all."""
    import xarray as xr

    xr.Dataset({"x": ("y", [1.0])}).to_netcdf(tmp_path / "other.nc", engine="scipy")
    (tmp_path / "table.csv").write_text("a,b\n1,2\n")
    for name, message in [
        ("other.nc", "not a saved result"),
        ("table.csv", "save as .nc"),
        (".", "no zarr store"),
        ("absent.nc", "no such file"),
    ]:
        with pytest.raises(ResultError, match=message):
            dt.open(tmp_path / name)


def test_a_seed_of_any_size_is_kept(tmp_path):
    """A seed that NetCDF has no number for comes back as the number that it was."""
    result = sample()
    result.data.attrs["seed"] = 2**63 + 1
    for form in FORMS:
        assert 2**63 + 1 == dt.open(result.save(tmp_path / f"r.{form}")).provenance["seed"]


@pytest.mark.parametrize("name", ["audit", "simulate", "rare"])
def test_results_of_the_first_release_open(name, tmp_path):
    """What 0.1 saved opens, prints, and is kept whole from then on."""
    old = dt.open(Path(__file__).parent / "saved_by_0_1" / f"{name}.nc")
    again = dt.open(old.save(tmp_path / "r.nc"))

    assert (name, False, "0.1.0") == (old.question, old.whole, old.provenance["version"])
    assert old.reading
    assert old.to_dict() == again.to_dict()
    assert again.whole
    assert "<html" in dt.report(old, tmp_path / "r.html").read_text(encoding="utf-8")
    assert old.plot() is not None


def test_a_first_release_that_lost_a_variable_says_which(tmp_path):
    """A result of 0.1 without a variable that every one has is refused."""
    import xarray as xr

    source = Path(__file__).parent / "saved_by_0_1" / "audit.nc"
    with xr.open_dataset(source, engine="scipy") as data:
        data.drop_vars("security").to_netcdf(tmp_path / "less.nc", engine="scipy")

    with pytest.raises(ResultError, match=r"security missing.*0\.1\.0"):
        dt.open(tmp_path / "less.nc")


def test_the_format_of_a_later_version_is_refused_with_the_version(tmp_path):
    """A result in a format that this version does not know says with what to open it."""
    result = sample()
    result.data.attrs |= {"format": "detente-rare/99", "detente": "9.9.0"}

    with pytest.raises(ResultError, match=r"detente-rare/99.*9\.9\.0"):
        dt.open(result.save(tmp_path / "r.nc"))


def test_json_holds_what_the_document_says(tmp_path):
    """The file has the document of ``to_dict``, without numbers that JSON does not know."""
    result = sample()
    stored = json.loads(result.save(tmp_path / "r.json").read_text(encoding="utf-8"))

    assert result.to_dict() == stored
    assert [0.5, None, 0.0] == stored["results"]["estimate"]["values"]
