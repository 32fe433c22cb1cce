"""A tumour is read from its names, from a cell line that stands for it, and from what stands in brackets behind either."""

from __future__ import annotations

import pytest

from models.candidates.candidate import Normalization
from models.candidates.parser import CandidateParser
from models.naming.cell_lines import CellLines


def read(reader: CandidateParser, text: str) -> tuple[str, Normalization]:
    parsed = reader.parse_value("cancer_type", text)
    (note,) = parsed.notes
    return parsed.value, note


@pytest.mark.parametrize(
    ("text", "tumour"),
    [
        ("A549", "lung adenocarcinoma"),
        ("a-549", "lung adenocarcinoma"),
        ("A549 cells", "lung adenocarcinoma"),
        ("4T1", "triple-negative breast cancer"),
        ("MDA-MB-231 xenografts", "triple-negative breast cancer"),
        ("HCT116", "colorectal cancer"),
        ("GL261", "glioma"),
        ("CVCL_0023", "lung adenocarcinoma"),
        ("NSCLC (A549)", "lung adenocarcinoma"),
    ],
)
def test_a_cell_line_stands_for_its_tumour(reader: CandidateParser, text: str, tumour: str) -> None:
    value, note = read(reader, text)
    assert (value, note.how, note.given) == (tumour, "cell_line", text)


def test_every_line_of_the_table_is_its_own_tumour_or_lists_it(reader: CandidateParser) -> None:
    wrong = []
    for line in CellLines.load().lines:
        value, note = read(reader, line.name)
        # A few lines are called as tumours are (EAC, GCT); the tumour is meant where one is asked for.
        if line.cancer_type not in (value, *note.alternatives) and note.how not in ("alias", "spelling"):
            wrong.append((line, value, note))
    assert wrong == []


def test_a_misidentified_line_is_said_to_be_one(reader: CandidateParser) -> None:
    misidentified = [line for line in CellLines.load().lines if line.note]
    assert len(misidentified) > 20
    for line in misidentified:
        _, note = read(reader, line.name)
        assert note.remark == f"{line.name} is registered as {line.note}"


@pytest.mark.parametrize(
    ("text", "tumour", "how"),
    [
        ("breast cancer (TNBC)", "triple-negative breast cancer", "part"),
        ("TNBC (breast cancer)", "triple-negative breast cancer", "part"),
        ("lung cancer (stage III)", "lung cancer", "part"),
        ("gastrc cancer", "gastrc cancer", "unknown"),
        ("gastrc cancer (stage III)", "gastrc cancer (stage III)", "unknown"),
        ("glioma (breast cancer)", "glioma (breast cancer)", "ambiguous"),
        ("DOID:684", "hepatocellular carcinoma", "identifier"),
        ("CC", "CC", "ambiguous"),
    ],
)
def test_what_stands_in_brackets_narrows_or_is_left_out_and_said(
    reader: CandidateParser, text: str, tumour: str, how: str
) -> None:
    value, note = read(reader, text)
    assert (value, note.how) == (tumour, how)


def test_what_is_left_out_is_told(reader: CandidateParser) -> None:
    _, note = read(reader, "lung cancer (stage III)")
    assert note.remark == "stage III was not used"


@pytest.mark.parametrize(
    ("text", "tumour", "left_out"),
    [
        ("stage III HCC", "hepatocellular carcinoma", "stage III"),
        ("metastatic CRPC", "prostate cancer", "metastatic"),
        ("advanced NSCLC patients", "non-small cell lung cancer", "advanced"),
        ("KRAS mutant PDAC", "pancreatic ductal adenocarcinoma", "KRAS mutant"),
        ("EGFR-mutant advanced lung adenocarcinoma", "lung adenocarcinoma", "EGFR-mutant and advanced"),
        ("gefitinib-resistant NSCLC", "non-small cell lung cancer", "gefitinib-resistant"),
        ("HER2+ breast cancer", "breast cancer", "HER2+"),
        ("relapsed paediatric ALL", "acute lymphoblastic leukaemia", "relapsed and paediatric"),
        ("A549/DDP", "lung adenocarcinoma", "DDP"),
        ("MCF7-ADR", "breast cancer", "ADR"),
        ("A549-luc2", "lung adenocarcinoma", "luc2"),
        ("HCCs", "hepatocellular carcinoma", ""),
        ("HCC patients", "hepatocellular carcinoma", ""),
        ("human breast cancer cells", "breast cancer", ""),
        ("breast tumours", "breast cancer", ""),
        ("TCGA-LUAD", "lung adenocarcinoma", ""),
        ("oral SCC", "oral squamous cell carcinoma", ""),
        ("bladder ca", "bladder cancer", ""),
        ("4T1 tumor-bearing mice", "triple-negative breast cancer", ""),
        ("human lung adenocarcinoma A549", "lung adenocarcinoma", ""),
        ("breast cancer cell line MCF-7", "breast cancer", ""),
        ("FTC-133", "follicular thyroid carcinoma", ""),
        ("786-0", "clear cell renal cell carcinoma", ""),
    ],
)
def test_what_a_clinic_adds_to_a_tumour_is_left_out_and_said(
    reader: CandidateParser, text: str, tumour: str, left_out: str
) -> None:
    value, note = read(reader, text)
    assert (value, note.remark) == (tumour, f"{left_out} was not used" if left_out else "")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "AML1",
            "MS",
            "DM1",
            "231",
            "78-6O",
            "normal lung",
            "benign breast tumour",
            "liver",
            "cancer stem cells",
            "T cells",
        ),
        *(
            "lung cancr",
            "brest cancer",
            "HCC and CRC",
            "lung and breast cancer",
            "non-metastatic",
            "MDA-MB",
            "HEK293T",
            "MSC",
        ),
    ],
)
def test_what_is_no_tumour_or_several_is_unknown(reader: CandidateParser, text: str) -> None:
    value, note = read(reader, text)
    assert (value, note.how) == (text, "unknown")
