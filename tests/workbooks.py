"""Workbooks as spreadsheet programs write them, as far as a table needs it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from xml.sax.saxutils import escape, quoteattr

Cell = str | float | bool | date | None
Sheets = Mapping[str, Sequence[Sequence[Cell]]]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def xlsx(sheets: Sheets, hidden: str = "") -> bytes:
    """A workbook of Excel."""
    bodies = {name: "".join(_row(number, row) for number, row in enumerate(rows, 1)) for name, rows in sheets.items()}
    return xlsx_of(bodies, hidden)


def xlsx_of(bodies: Mapping[str, str], hidden: str = "") -> bytes:
    """A workbook of Excel with the XML of the rows of each sheet."""
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"{_STATE if name == hidden else ""}/>'
        for number, name in enumerate(bodies, 1)
    )
    sheet_files = [f"worksheets/sheet{number}.xml" for number in range(1, len(bodies) + 1)]
    related = [(f"{_RELATIONS}/worksheet", path) for path in sheet_files] + [(f"{_RELATIONS}/styles", "styles.xml")]
    members = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": _relations([(f"{_RELATIONS}/officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations(related),
        # The second format is that of dates.
        "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><cellXfs><xf numFmtId="0"/><xf numFmtId="16"/></cellXfs></styleSheet>',
        **{
            f"xl/{path}": f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'
            for path, body in zip(sheet_files, bodies.values(), strict=True)
        },
    }
    return archive(members)


def ods(sheets: Sheets) -> bytes:
    """A workbook of LibreOffice."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    return ods_of(tables)


def ods_of(tables: str) -> bytes:
    """A workbook of LibreOffice with the XML of its tables."""
    spaces = "".join(f' xmlns:{name}="{_OASIS}:{name}:1.0"' for name in ("office", "table", "text"))
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0"/>',
            "content.xml": f"<office:document-content{spaces}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def table(rows: Sequence[Sequence[Cell]], delimiter: str, line_end: str = "\r\n") -> str:
    """The rows as text with something between the cells."""
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return written.getvalue()


def every_form(rows: Sequence[Sequence[Cell]]) -> dict[str, bytes]:
    """One table in each form that spreadsheets write, by a name of a file; only what all of them can hold is to be in it."""
    semicolons = table(rows, ";")
    return {
        "plain.csv": table(rows, ",", "\n").encode(),
        "commas.csv": table(rows, ",").encode("utf-8-sig"),
        "semicolons.csv": semicolons.encode(),
        "separator.csv": f"sep=;\r\n{semicolons}".encode(),
        "padded.csv": table([[*row, None, None] for row in rows], ",").encode(),
        "tabs.csv": table(rows, "\t").encode(),
        "bars.csv": table(rows, "|").encode(),
        "tabs.tsv": "".join("\t".join(map(str, row)) + "\n" for row in rows).encode(),
        "semicolons.tsv": semicolons.encode(),
        "unicode.csv": table(rows, "\t").encode("utf-16"),
        "unmarked.csv": table(rows, ",").encode("utf-16-le"),
        "windows.csv": semicolons.encode("cp1252"),
        "old mac.csv": table(rows, ",", "\r").encode("mac_roman"),
        "new mac.csv": table(rows, ";", "\r").encode(),
        "book.xlsx": xlsx({"Sheet1": rows}),
        "book.ods": ods({"Sheet1": rows}),
        "named otherwise.csv": xlsx({"Sheet1": rows}),
    }


def archive(members: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return written.getvalue()


_STATE = ' state="hidden"'


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="r{number}" Type="{kind}" Target="{path}"/>'
        for number, (kind, path) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _row(number: int, row: Sequence[Cell]) -> str:
    return f'<row r="{number}">{"".join(_cell(f"{_letters(at)}{number}", cell) for at, cell in enumerate(row))}</row>'


def _letters(at: int) -> str:
    return chr(65 + at) if at < 26 else chr(64 + at // 26) + chr(65 + at % 26)


def _cell(place: str, cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
        case bool():
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        case date():
            return f'<c r="{place}" s="1"><v>{(cell - date(1899, 12, 30)).days}</v></c>'
    return f'<c r="{place}"><v>{cell}</v></c>'


def _ods_cell(cell: Cell) -> str:
    match cell:
        case None:
            return "<table:table-cell/>"
        case str():
            value = 'office:value-type="string"'
        case bool():
            value = f'office:value-type="boolean" office:boolean-value="{str(cell).lower()}"'
        case date():
            value = f'office:value-type="date" office:date-value="{cell}"'
        case _:
            value = f'office:value-type="float" office:value="{cell}"'
    return f"<table:table-cell {value}><text:p>{escape(str(cell))}</text:p></table:table-cell>"
