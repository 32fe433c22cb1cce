"""A frame of candidates has the scores that each has alone, whatever kind of frame it is and however its cells are held."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from benchmarks.candidates import Candidates
from models.candidates.candidate import FIELDS
from models.columnar.frames import BLOCK_ROWS
from models.errors import CandidateError, InvalidRowsError, TableError
from models.scorer import Scorer
from service.batch.formats import Format
from service.batch.options import KEEP_EMPTY, BatchSpec, Options
from service.batch.run import run
from service.scoring.documents import FIELDS as DOCUMENT
from service.scoring.serializer import score_document
from tests.service.batch.files import as_row

Raw = Mapping[str, Any]
MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "HCC"}
TEXTS = [one.name for one in FIELDS if one.name != "id" and not one.many]
LISTS = [one.name for one in FIELDS if one.many]
ODD = st.sampled_from(
    [
        *(None, "", " ", "NA", "M2", "TAM", "bone marrow", "macrophage", "MSC", "M2 macrophage", "other"),
        *("mirna", "miRNA", "protein", "whole_vesicle", "drug", "siRNA", "miR-21", "hsa-miR-21-5p", "p53"),
        *("let7b+miR-145", "anti-miR-21", "Taxol", "155", "HCC", "PC", "gastrc cancer", "SGC-7901", "blorb"),
        *("depleted", "loaded", "native", "x" * 301, "a\x00b", "<b>", "=1+1", "ﬁ", "🧬", "M2\n"),
    ]
)
ODD_LISTS = st.none() | st.lists(
    st.sampled_from(["hypoxia", "IL-4", "human", "cat", "T cells", "cancer cells", "", "a\x1fb"]), max_size=3
)
ROWS = st.lists(
    st.fixed_dictionaries({}, optional={**dict.fromkeys(TEXTS, ODD), **dict.fromkeys(LISTS, ODD_LISTS)}).map(
        lambda row: {**MIR21, **row} if len(row) % 2 else row
    ),
    min_size=1,
    max_size=8,
)
SCHEMA = pa.schema({**dict.fromkeys(TEXTS, pa.string()), **dict.fromkeys(LISTS, pa.list_(pa.string()))})


def of_pandas(rows: Sequence[Raw]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=[*TEXTS, *LISTS])


def of_arrow(rows: Sequence[Raw]) -> pa.Table:
    return pa.Table.from_pylist([dict(row) for row in rows], SCHEMA)


def of_polars(rows: Sequence[Raw]) -> Any:
    return pl.from_arrow(of_arrow(rows))


KINDS: dict[str, Callable[[Sequence[Raw]], Any]] = {"pandas": of_pandas, "polars": of_polars, "arrow": of_arrow}


def rows_of(frame: Any) -> list[dict[str, Any]]:
    """The rows of a frame of any kind; what is absent is None."""
    if isinstance(frame, pd.DataFrame):
        return frame.astype(object).where(frame.notna(), None).to_dict("records")  # type: ignore[return-value]
    return frame.to_dicts() if isinstance(frame, pl.DataFrame) else frame.to_pylist()  # type: ignore[no-any-return]


def expected(scorer: Scorer, raw: Raw) -> dict[str, Any]:
    """What a candidate has alone, in the columns and digits of files."""
    stated = {name: value for name, value in raw.items() if value is not None}
    try:
        scorer.score(stated)
    except CandidateError as error:
        return {"error": str(error)}
    row = as_row(score_document(scorer, scorer.parser.parse(stated), DOCUMENT))
    return {name: value for name, value in row.items() if name != "id"}


def check(scorer: Scorer, raws: Sequence[Raw], frame: Any) -> None:
    scored = rows_of(frame)
    assert len(scored) == len(raws)
    for raw, row in zip(raws, scored, strict=True):
        alone = {name: value for name, value in expected(scorer, raw).items() if name in row}
        assert {name: row[name] for name in alone} == alone
        if "error" in alone:
            assert all(value is None for name, value in row.items() if name != "error")
        else:
            assert row["error"] is None


@pytest.mark.parametrize("kind", KINDS)
@given(rows=ROWS)
def test_a_frame_has_the_digits_that_each_candidate_has_alone(scorer: Scorer, kind: str, rows: list[Raw]) -> None:
    frame = KINDS[kind](rows)
    scores = scorer.score_frame(frame, contributions=True)
    assert type(scores) is type(frame)
    check(scorer, rows, scores)


@given(rows=ROWS)
def test_all_kinds_of_frames_have_one_answer(scorer: Scorer, rows: list[Raw]) -> None:
    first, *others = (rows_of(scorer.score_frame(make(rows), strict=True)) for make in KINDS.values())
    assert all(other == first for other in others)


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_has_the_scores_that_a_batch_writes(scorer: Scorer, tmp_path: Path, kind: str) -> None:
    drawn = [{**raw, "id": None} for raw in Candidates(scorer.features, seed=5).draw(2_000)]
    rows = [{name: raw.get(name) for name in TEXTS} for raw in drawn] + [{"cargo_type": "miRNA"}, {}]
    parquet.write_table(of_arrow(rows).select(TEXTS), tmp_path / "in.parquet")
    options = Options(Format.PARQUET, Format.PARQUET, include=("contributions",), bad_rows=KEEP_EMPTY)
    run(scorer, BatchSpec(options, tmp_path / "in.parquet", tmp_path / "out.parquet"))
    written = parquet.read_table(tmp_path / "out.parquet").drop_columns(["row"])
    scores = scorer.score_frame(KINDS[kind](rows), contributions=True)
    table = pa.Table.from_pandas(scores) if kind == "pandas" else pa.table(scores)
    assert table.column_names == [*written.column_names, "error"]
    assert table.drop_columns(["error"]).cast(written.schema).equals(written)


MISSING = [None, np.nan, pd.NA, pd.NaT, float("nan"), Decimal("NaN"), "", "NA", np.float64("nan")]


def test_what_is_missing_in_any_way_is_not_stated(scorer: Scorer) -> None:
    frame = pd.DataFrame([{**MIR21, "cancer_type": missing} for missing in MISSING])
    scores = scorer.score_frame(frame)
    check(scorer, [{**MIR21, "cancer_type": None}] * len(MISSING), scores)
    assert scores["warnings"].isna().all()


def test_numbers_are_read_as_they_are_written(scorer: Scorer) -> None:
    numbers = [155, 155.0, np.int64(155), np.float32(155), Decimal(155), "155"]
    written = {**MIR21, "cargo_name": "155"}
    check(scorer, [written] * 6, scorer.score_frame(pd.DataFrame([{**MIR21, "cargo_name": one} for one in numbers])))
    for values in (
        pd.Series([155, None]),
        pd.Series([155, None], dtype="Int64"),
        pd.Series([155, None], dtype="category"),
    ):
        frame = pd.DataFrame([MIR21, {**MIR21, "cargo_type": "whole_vesicle"}]).assign(cargo_name=values)
        check(
            scorer, [written, {**MIR21, "cargo_type": "whole_vesicle", "cargo_name": None}], scorer.score_frame(frame)
        )
    check(scorer, [written], scorer.score_frame(pl.DataFrame([{**MIR21, "cargo_name": 155.0}])))


CELLS: Mapping[str, object] = {
    "a mapping": {"name": "miR-21"},
    "a list": ["miR-21"],
    "a tuple": ("miR-21",),
    "bytes": b"miR-21",
    "a date": dt.date(2026, 9, 2),
    "half a surrogate pair": "\ud800",
    "a list of nothing": [None],
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_that_is_no_text_is_an_error_of_its_row_alone(scorer: Scorer, cell: str) -> None:
    scores = scorer.score_frame(pd.DataFrame([MIR21, {**MIR21, "cargo_name": CELLS[cell]}, {**MIR21, "cargo_name": 7}]))
    assert scores["error"].notna().tolist() == [False, True, False]
    assert scores["error"][1].startswith("cargo_name: ")


def test_lists_in_cells_are_lists_of_terms(scorer: Scorer) -> None:
    rows = [{**MIR21, "polarisation": ["IL-4", "hypoxia"]}, {**MIR21, "polarisation": "hypoxia"}]
    check(scorer, rows, scorer.score_frame(pd.DataFrame(rows)))
    arrays = [{**MIR21, "polarisation": np.array(["IL-4", "hypoxia"])}]
    check(scorer, rows[:1], scorer.score_frame(pd.DataFrame(arrays)))


NAMES = [f"name {number}" for number in range(127)]
CODES = pa.array([*range(127), None], pa.int8())
HOLDS: Mapping[str, Callable[[], Any]] = {
    "objects": lambda: pd.Series([*NAMES, None], dtype=object),
    "str": lambda: pd.Series([*NAMES, None], dtype="str"),
    "string[python]": lambda: pd.Series([*NAMES, None], dtype="string[python]"),
    "string[pyarrow]": lambda: pd.Series([*NAMES, None], dtype="string[pyarrow]"),
    "categories": lambda: pd.Series([*NAMES, None], dtype="category"),
    "categories in no row": lambda: pd.Series([*map(str, range(900)), *NAMES, None], dtype="category")[900:],
    "views": lambda: pd.Series([*NAMES, None], dtype=pd.ArrowDtype(pa.string_view())),
    "Polars texts": lambda: pl.Series([*NAMES, None]),
    "Polars categories": lambda: pl.Series([*NAMES, None], dtype=pl.Categorical),
    "Polars enumeration": lambda: pl.Series([*NAMES, None], dtype=pl.Enum([*NAMES, *map(str, range(129))])),
    "Polars objects": lambda: pl.Series([*NAMES, None], dtype=pl.Object),
    "Arrow texts": lambda: pa.array([*NAMES, None]),
    "Arrow large texts": lambda: pa.array([*NAMES, None], pa.large_string()),
    "Arrow views": lambda: pa.array([*NAMES, None], pa.string_view()),
    "a full dictionary": lambda: pa.DictionaryArray.from_arrays(CODES, NAMES),
    "several dictionaries": lambda: pa.chunked_array(
        [pa.array(NAMES[:9]).dictionary_encode(), pa.array([*NAMES[9:], None]).dictionary_encode()]
    ),
}


@pytest.mark.parametrize("held", HOLDS)
def test_it_does_not_matter_how_a_column_is_held(scorer: Scorer, held: str) -> None:
    column = HOLDS[held]()
    others = {"source_phenotype": ["M2"] * 128, "cargo_type": ["mirna"] * 128}
    if isinstance(column, pd.Series):
        frame: Any = pd.DataFrame(others, index=column.index).assign(cargo_name=column)
    elif isinstance(column, pl.Series):
        frame = pl.DataFrame(others).with_columns(column.alias("cargo_name"))
    else:
        frame = pa.table({**others, "cargo_name": column})
    texts = pd.DataFrame({**others, "cargo_name": [*NAMES, None]})
    assert rows_of(scorer.score_frame(frame)) == rows_of(scorer.score_frame(texts))


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(["b", "a", "b"], name="sample"),
        pd.MultiIndex.from_tuples([("x", 1), ("x", 1), ("y", 2)], names=["plate", "well"]),
        pd.date_range("2026-01-01", periods=3),
        pd.Index([2, 1, 0]),
        pd.Index([None, None, np.nan], dtype=object),
    ],
)
def test_the_index_of_pandas_is_kept(scorer: Scorer, index: pd.Index) -> None:
    frame = pd.DataFrame([MIR21, {**MIR21, "cargo_type": "?"}, MIR21], index=index)
    scores = scorer.score_frame(frame)
    assert scores.index.equals(index)
    assert scores.index.names == index.names
    assert scores["error"].notna().tolist() == [False, True, False]
    # Rows of a frame that was cut and turned are still those rows.
    pd.testing.assert_frame_equal(scorer.score_frame(frame[::-2]), scores[::-2])


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_without_rows_has_the_columns_and_types_of_any_other(scorer: Scorer, kind: str) -> None:
    full = scorer.score_frame(KINDS[kind]([MIR21, {}]), contributions=True)
    empty = scorer.score_frame(KINDS[kind]([]), contributions=True)
    assert len(empty) == 0
    if kind == "arrow":
        assert empty.schema == full.schema
    else:
        types = (dict(zip(each.columns, each.dtypes, strict=True)) for each in (full, empty))
        assert next(types) == next(types)


def test_a_frame_of_many_blocks_has_the_scores_of_its_rows(scorer: Scorer) -> None:
    few = [MIR21, {**MIR21, "cargo_name": "blorb"}, {**MIR21, "cargo_type": "?"}]
    times = BLOCK_ROWS // 3 + 2
    scores = scorer.score_frame(pd.concat([pd.DataFrame(few)] * times))
    part = scorer.score_frame(pd.DataFrame(few))
    pd.testing.assert_frame_equal(scores, pd.concat([part] * times))


def test_a_lazy_frame_of_polars_stays_lazy(scorer: Scorer) -> None:
    frame = of_polars([MIR21])
    lazy = scorer.score_frame(frame.lazy())
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().equals(scorer.score_frame(frame))


def test_columns_are_named_by_headings_or_by_a_mapping_that_goes_before_them(scorer: Scorer) -> None:
    rows = [MIR21, {**MIR21, "cargo_name": "PTEN", "cargo_type": "mRNA"}]
    headings = {
        "source_phenotype": "Phenotype",
        "cargo_type": "Cargo type",
        "cargo_name": "Cargo",
        "cancer_type": "Tumour",
    }
    frame = pd.DataFrame(rows).rename(columns=headings)
    check(scorer, rows, scorer.score_frame(frame))
    coded = frame.assign(cargo_name="not this", protein=0.5).rename(columns={"Cargo": 7})
    check(scorer, rows, scorer.score_frame(coded, columns={7: "cargo_name"}))
    check(scorer, rows, scorer.score_frame(coded, columns={7: "Cargo"}))
    levels = pd.DataFrame([list(row.values()) for row in rows])
    levels.columns = pd.MultiIndex.from_product([["in"], list(MIR21)])
    check(scorer, rows, scorer.score_frame(levels, columns={("in", name): name for name in MIR21}))


def test_columns_that_are_no_fields_are_not_looked_at(scorer: Scorer) -> None:
    frame = pd.DataFrame([MIR21], columns=[*MIR21, "note", "id"]).assign(id="a\x00", protein=1.5)
    doubled = pd.concat([frame, frame[["note"]]], axis=1)
    check(scorer, [MIR21], scorer.score_frame(doubled))


def test_columns_that_look_like_fields_but_are_not_read_are_warned_of(scorer: Scorer) -> None:
    row = {name: value for name, value in MIR21.items() if name != "cancer_type"}
    frame = pd.DataFrame([row]).assign(cancr_type="HCC", Molecule="miR-155", note="x")
    expected_text = r"not read: cancr_type \(did you mean cancer_type\?\), Molecule \(cargo_name is another column\)\.$"
    with pytest.warns(UserWarning, match=expected_text) as warned:
        check(scorer, [row], scorer.score_frame(frame))
    assert warned[0].filename == __file__
    # What was named goes before what is spelled, and that is no surprise.
    check(
        scorer, [{**row, "cargo_name": "x"}], scorer.score_frame(frame[[*row, "note"]], columns={"note": "cargo_name"})
    )


TABLE = pa.table({name: [value] for name, value in MIR21.items()})
WRONG_COLUMNS: Mapping[str, pa.Table] = {
    "none": pa.table({"colour": ["red"]}),
    "a slip": TABLE.rename_columns(["source_phenotyp", "cargo_type", "cargo_name", "cancer_type"]),
    "one missing": TABLE.drop_columns(["cargo_type"]),
    "two of one name": pa.table([TABLE["cargo_type"], *TABLE.columns], ["cargo_type", *MIR21]),
    "a type": TABLE.set_column(3, "cancer_type", pa.array([{"a": 1}])),
    "a list": TABLE.set_column(2, "cargo_name", pa.array([["miR-21"]])),
    "one cell": pa.table({"source_phenotype;cargo_type;cargo_name": ["M2;mirna;miR-21"]}),
    "too many": pa.table({f"c{number}": ["x"] for number in range(1001)}),
}


@pytest.mark.parametrize("wrong", WRONG_COLUMNS)
def test_wrong_columns_are_the_errors_that_a_file_has(scorer: Scorer, tmp_path: Path, wrong: str) -> None:
    table = WRONG_COLUMNS[wrong]
    parquet.write_table(table, tmp_path / "in.parquet")
    spec = BatchSpec(Options(Format.PARQUET, Format.CSV), tmp_path / "in.parquet", tmp_path / "out.csv")
    with pytest.raises(TableError) as of_file:
        run(scorer, spec)
    table = parquet.read_table(tmp_path / "in.parquet") if wrong != "two of one name" else table
    # Polars has no two columns of one name, and columns of pandas may hold any objects, so that each cell has its own error.
    frames = [table, pl.from_arrow(table)] if wrong in ("a type", "a list") else [table, table.to_pandas()]
    for frame in frames:
        with pytest.raises(TableError) as of_frame:
            scorer.score_frame(frame)
        if isinstance(frame, pa.Table):
            assert str(of_frame.value) == str(of_file.value)
        assert [one.fault.code for one in of_frame.value.faults] == [one.fault.code for one in of_file.value.faults]


def test_a_mapping_that_cannot_be_followed_says_all_that_is_wrong(scorer: Scorer) -> None:
    frame = pd.DataFrame([MIR21])
    with pytest.raises(TableError) as refused:
        scorer.score_frame(frame, columns={"cargo_nam": "cargo_name", "cancer_type": "colour"})
    assert [(one.column, one.fault.code) for one in refused.value.faults] == [
        ("cargo_nam", "missing_column"),
        ("colour", "unknown_field"),
    ]
    assert "Did you mean cargo_name" in str(refused.value)
    with pytest.raises(TableError, match="There are 2 columns named cargo_name"):
        scorer.score_frame(frame.assign(a="x", b="y"), columns={"a": "cargo_name", "b": "cargo_name"})


def test_rows_with_errors_can_be_raised_at_once_by_their_names(scorer: Scorer) -> None:
    frame = pd.DataFrame([MIR21, {**MIR21, "cargo_type": "?"}, {"source_phenotype": "M9"}], index=["a", "b", "c"])
    with pytest.raises(
        InvalidRowsError, match=r"2 of 3 rows have errors\. Row 'b': cargo_type: .* Row 'c': "
    ) as raised:
        scorer.score_frame(frame, errors="raise")
    assert [name for name, _ in raised.value.errors] == ["b", "c"]
    many = pl.concat([of_polars([{}])] * 20)
    with pytest.raises(InvalidRowsError, match="And 15 more"):
        scorer.score_frame(many, errors="raise")
    with pytest.raises(ValueError, match="keep"):
        scorer.score_frame(frame, errors="ignore")


def test_what_is_no_frame_is_refused(scorer: Scorer) -> None:
    for other in ([MIR21], MIR21, pd.Series(["M2"]), None, "library.csv"):
        with pytest.raises(TypeError, match="DataFrame of pandas or Polars, or a Table of PyArrow"):
            scorer.score_frame(other)


def test_neither_pandas_nor_polars_is_needed(trained_var: Path) -> None:
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name in ('pandas', 'polars'): raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "import pyarrow as pa\n"
        "from service import open_scorer\n"
        f"table = pa.table({ {name: [value] for name, value in MIR21.items()} })\n"
        f"print(open_scorer({str(trained_var)!r}).score_frame(table)['label'].to_pylist())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "['promoting']\n", done.stderr


class Nameless:
    """An object that can neither be compared nor hashed."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError


OBJECTS = st.sampled_from(
    [
        *(None, np.nan, pd.NA, pd.NaT, "", "M2", "mirna", "miR-21", "HCC", "\ud800", "a\x00", "x" * 301, 1, 1.5, True),
        *(2**80, float("inf"), 1j, np.float32(2), np.int8(3), np.bool_(True), np.str_("M1"), Decimal("1.10"), b"x"),
        *(["hypoxia"], ("a", "b"), [["x"]], [np.nan], [], [{}], {"a": [1]}, {1, 2}, frozenset([1]), range(3), object),
        *(np.array(["hypoxia", "LPS"]), np.array(5), np.array([[1]]), pd.Series([1, 2]), pd.Categorical(["a"])),
        *(dt.date(2020, 1, 1), dt.timedelta(1), pd.Timestamp("2020", tz="UTC"), pd.Period("2020"), pd.Interval(0, 1)),
        *(np.datetime64("2020"), bytearray(b"a"), memoryview(b"a"), Nameless()),
    ]
)


@given(
    columns=st.fixed_dictionaries(
        {"source_phenotype": st.lists(OBJECTS, min_size=3, max_size=3)},
        optional={
            name: st.lists(OBJECTS, min_size=3, max_size=3) for name in (*TEXTS, *LISTS) if name != "source_phenotype"
        },
    )
)
def test_whatever_objects_pandas_holds_no_row_is_lost(scorer: Scorer, columns: dict[str, list[object]]) -> None:
    columns = {"cargo_type": ["mirna"] * 3, "cargo_name": ["miR-21"] * 3, **columns}
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    scores = scorer.score_frame(pd.concat([frame, pd.DataFrame([MIR21])], ignore_index=True))
    assert len(scores) == 4
    assert (scores["label"].isna() == scores["error"].notna()).all()
    assert scores["label"][3] == "promoting"


ARROW_TYPES = [
    *(
        pa.int8(),
        pa.uint64(),
        pa.float16(),
        pa.float64(),
        pa.decimal128(5, 2),
        pa.bool_(),
        pa.date32(),
        pa.timestamp("ns"),
    ),
    *(pa.time64("us"), pa.duration("s"), pa.binary(), pa.binary(2), pa.null(), pa.struct({"a": pa.string()})),
    *(pa.list_(pa.string()), pa.large_list(pa.large_string()), pa.list_(pa.string(), 1), pa.list_(pa.int8())),
    *(
        pa.list_view(pa.string()),
        pa.list_(pa.list_(pa.string())),
        pa.list_(pa.null()),
        pa.map_(pa.string(), pa.string()),
    ),
    *(
        pa.dictionary(pa.int8(), pa.string()),
        pa.dictionary(pa.int8(), pa.float64()),
        pa.dictionary(pa.int8(), pa.bool_()),
    ),
    *(pa.list_(pa.dictionary(pa.int8(), pa.string())), pa.run_end_encoded(pa.int32(), pa.string()), pa.string_view()),
]


@pytest.mark.parametrize("field", ["cargo_name", "polarisation", "source_cell"])
def test_a_column_of_any_type_is_read_or_refused_by_name(scorer: Scorer, field: str) -> None:
    read, refused = set(), {}
    for kind in ARROW_TYPES:
        others = {name: [value] for name, value in MIR21.items() if name != field}
        table = pa.table({**others, field: pa.nulls(1, kind)})
        try:
            assert scorer.score_frame(table).num_rows == 1
            read.add(str(kind))
        except TableError as error:
            refused[str(kind)] = str(error)
    assert all(
        says.startswith(f"The column {field} holds {kind}, but must hold texts") for kind, says in refused.items()
    )
    assert {"string_view", "null", "double", "dictionary<values=string, indices=int8, ordered=0>"} <= read
    assert {"struct<a: string>", "binary", "bool", "timestamp[ns]"} <= refused.keys()
    assert ("list<item: string>" in read) == (field == "polarisation")
