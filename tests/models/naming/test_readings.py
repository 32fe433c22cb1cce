"""Cargos as biologists, suppliers and spreadsheets write them: each is read as the right thing, or said to be unknown or
ambiguous, and never as another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.candidates.parser import CandidateParser
from models.errors import CandidateError
from models.naming.resolver import NameResolver

# For each kind of writing: the type of cargo, and texts with what they mean; the names of a mix are joined by ` + `.
READINGS = {
    "microRNAs in any spelling": {
        "mirna": """
        hsa-miR-21-5p = miR-21-5p; MicroRNA 21-5p = miR-21-5p; miRNA-21 = miR-21; hsa_miR_21_5p = miR-21-5p
        miR 155 5p = miR-155-5p
        MIR-1 = miR-1; mir1 = miR-1; let7a = let-7a; let7 = let-7; miR-21-star = miR-21-3p; rno-miR-21-5p = miR-21-5p
        MIMAT0000076 = miR-21-5p; miR-128a = miR-128; miR-124a = miR-124; miR-125b1 = miR-125b; MIR133A1 = miR-133a
        """,
    },
    "hairpins and copies of genes": {
        "mirna": """
        hsa-mir-9-2 = miR-9; hsa-mir-24-1 = miR-24; miR-218-1 = miR-218; miR-7-1-3p = miR-7-1-3p
        hsa-let-7a-2-3p = let-7a-2-3p
        pre-miR-155 = miR-155; pri-miR-21 = miR-21; pre-mir-21 = miR-21; miR-1252 = miR-1252
        miR-125b-2-3p = miR-125b-2-3p
        """,
    },
    "microRNAs that do not exist, or of other species": {
        "mirna": """
        mir-2 = unknown; miR-3 = unknown; miR-99999 = unknown; miR-155a = unknown; miR-21-7p = unknown
        miR-21p = unknown
        miR-2l = unknown; mlR-21 = unknown; miR-159 = unknown; miR-168a = unknown; miR-2911 = unknown
        miR-30-5p = unknown
        osa-miR-168a = osa-miR-168a; cel-miR-39-3p = cel-miR-39-3p; ebv-miR-BART7 = ebv-miR-BART7
        hsv1-miR-H1 = hsv1-miR-H1
        kshv-miR-K12-1 = kshv-miR-K12-1; xyz-miR-21 = unknown; miR-BART6-5p = unknown; isomiR-21 = unknown
        miR-NC = unknown
        """,
    },
    "long RNAs around a hairpin are no microRNAs": {
        "mirna": "MIR17HG = MIR17HG; MIR155HG = MIR155HG; MIR22HG = MIR22HG; MIR4435-2HG = MIR4435-2HG",
    },
    "mimics, inhibitors and precursors": {
        "mirna": """
        agomir-21 = miR-21; agomiR-146a = miR-146a; ago-miR-21 = miR-21; miR-155-5p mimics = miR-155-5p
        miR-155-5p inhibitor = anti-miR-155-5p; antagomiR-155 = anti-miR-155; TuD-miR-21 = anti-miR-21
        miR-155 sponge = anti-miR-155
        LNA-miR-21 = unknown; PNA-miR-21 = unknown; AMO-21 = unknown
        """,
    },
    "clusters and families": {
        "mirna": """
        miR-17-92 = miR-17-92; miR-17/92 cluster = miR-17-92; miR-143/145 cluster = miR-143-145
        miR-183-96-182 cluster = miR-183-96-182
        miR-106b~25 = miR-106b-25; miR-29 family = miR-29; miR-302s = unknown; miR-302/367 = miR-302 + miR-367
        """,
    },
    "shortened names behind a joint": {
        "mirna": """
        miR-34a/b/c = miR-34a + miR-34b + miR-34c; let-7a/b = let-7a + let-7b; miR-10a/b = miR-10a + miR-10b
        miR-221/-222 = miR-221 + miR-222
        miR-200b/c-3p = miR-200b + miR-200c-3p; hsa-miR-221-3p/222-3p = miR-221-3p + miR-222-3p
        miR-21/155/210 = miR-21 + miR-155 + miR-210
        miR-155/b = unknown; miR-99a/let-7c = miR-99a + let-7c
        """,
        "protein": """
        MICA/B = MICA + MICB; Smad2/3 = SMAD2 + SMAD3; ERK1/2 = MAPK3 + MAPK1; BRCA1/2 = BRCA1 + BRCA2
        IL-4/13 = IL4 + IL13
        S100A8/9 = S100A8 + S100A9; PD-L1/2 = CD274 + PDCD1LG2
        """,
    },
    "separators between numbers part names": {
        "protein": """
        IL-1/3 = unknown; MMP2-2 = unknown; CD4-4 = unknown; NKX2.5 = NKX2-5; NKX25 = NKX2-5; MMP-2 = MMP2
        """,
        "lncrna": "lnc-MMP2-2 = unknown",
    },
    "common meanings before symbols that nobody means": {
        "protein": """
        P-gp = ABCB1; sPD-L1 = soluble CD274; sTRAIL = soluble TNFSF10; HIF-1 = HIF1A; Nrf2 = NFE2L2
        OCT4 = POU5F1; Oct-4 = POU5F1
        SHP-1 = PTPN6; CD25 = IL2RA; iNOS = NOS2; gp130 = IL6ST; YAP = YAP1; TTF-1 = NKX2-1; PP2A = PPP2CA
        PARP = PARP1; Rb = RB1
        TSP-1 = THBS1; CEA = CEACAM5; CA125 = MUC16; p38 = MAPK14; vimentin = VIM; osteopontin = SPP1
        caspase-3 = CASP3
        CagA = CagA; Tax = HTLV-1 Tax; AML1 = RUNX1; mTOR = MTOR; BAP-1 = BAP1; HSF-1 = HSF1; TNFalpha = TNF
        HER-2/neu = ERBB2
        """,
    },
    "names of several genes": {
        "protein": """
        ERK = MAPK1 or MAPK3; MEK = MAP2K1 or MAP2K2; IL-1 = IL1A or IL1B; TAZ = WWTR1 or TAFAZZIN
        FSP1 = S100A4 or AIFM2
        SEPT2 = SEPTIN2 or SEPTIN6; DEC1 = BHLHE40 or DELEC1; SMAD = unknown; RAS = unknown; Wnt = unknown
        LXR = unknown
        """,
    },
    "variants, and ends that are none": {
        "protein": """
        KRASG12D = KRAS G12D; KRAS-G12V = KRAS G12V; p53R175H = TP53 R175H; EGFRvIII = EGFR vIII
        CD44v6 = CD44 v6; AR-V7 = AR v7
        mutant p53 = mutant TP53; wt-p53 = wild-type TP53; p-STAT3 = phosphorylated STAT3
        phospho-STAT3 = phosphorylated STAT3
        Flt3L = unknown; OCT4A = unknown; AAV2 = unknown; HPV16 = unknown; HTLV1 = unknown; FMDV1 = unknown
        pSTAT3 = unknown
        """,
    },
    "words of tumours, cells and controls are no proteins": {
        "protein": """
        HCC = unknown; NHL = unknown; SCC = unknown; ALL = unknown; RCC = unknown; LUAD = unknown; CRC = unknown
        NC = unknown
        """,
        "sirna": "siNC = unknown; control siRNA = unknown; scrambled siRNA = unknown; si-ctrl = unknown",
    },
    "words for families and classes": {
        "protein": """
        cadherin = unknown; helicase = unknown; mucin = unknown; syndecan = unknown; antigen = unknown; interferon = unknown
        claudin-1 = CLDN1; FIH = HIF1AN; IgA = immunoglobulin A; HDL = high-density lipoprotein; αLβ2 = unknown; PDH = unknown
        """,
    },
    "two letters are too few for an old name": {
        "protein": "MS = unknown; AC = unknown; FL = unknown; KC = unknown; up = unknown; AR = AR; C3 = C3; ER = ESR1; FN = FN1",
    },
    "silencers": {
        "sirna": """
        siKRASG12D = KRAS G12D; siPD-L1 = CD274; sh-STAT3 = STAT3; anti-STAT3 siRNA = STAT3; ASO-STAT6 = STAT6
        sgRNA PARP1 = PARP1
        KRAS sgRNA = KRAS; siRNA of Notch1 = NOTCH1; sic-Myc = MYC; TGF-β1 siRNA = TGFB1
        RAD51/RAD52 siRNA = RAD51 + RAD52
        """,
    },
    "abbreviations of what is no gene": {
        "lipid": """
        S1P = unknown; LPC = unknown; DHA = dihydroartemisinin or docosahexaenoic acid
        cholesterol = cholesterol
        """,
        "small_molecule": """
        LPS = unknown; CHOP = unknown; TAM = unknown; MEL = melatonin or melphalan; 5-FU = fluorouracil
        """,
        "nanoparticle": "MOF = unknown; Fe3O4 NPs = iron oxide nanoparticle; ZIF-8 = unknown",
        "oncolytic_virus": "AAV2 = unknown; Ad5 = unknown; T-VEC = unknown",
        "lncrna": "APC1 = unknown; lnc-APC1 = unknown; linc00152 = CYTOR; LINC99999 = unknown; MALAT-1 = MALAT1",
    },
    "compounds that are near to one another": {
        "small_molecule": """
        baicalin = baicalin; baicalein = baicalein; cantharidin = cantharidin; PpIX = protoporphyrin ix
        5-ALA = aminolevulinic acid
        DM1 = mertansine; AlPc = aluminium phthalocyanine; doxorubicine = unknown; paklitaxel = unknown
        Doxorubcin = unknown
        """,
    },
    "circular RNAs": {
        "circrna": """
        hsa_circ_0001234 = circ_0001234; circRNA-0000190 = circ_0000190; hsa_circRNA_100338 = circ_100338
        circSMARCA5 = circSMARCA5
        circSHPRH = circSHPRH; circHIPK3 = circHIPK3; circular RNA ITCH = circITCH; ciRS-7 = CDR1-AS
        mmu_circ_0001234 = unknown
        """,
    },
    "other small RNAs are not taken for something else": {
        "mirna": """
        piR-823 = unknown; hsa_piR_020490 = unknown; tRF-Gly = unknown; 5'-tRF-GlyGCC = unknown; Y RNA = unknown
        hY4 = unknown; RNY4 = RNY4
        """,
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", READINGS)
def test_a_name_is_read_as_what_is_meant_or_not_at_all(reader: CandidateParser, kind: str) -> None:
    readings = {
        (cargo_type, *(part.strip() for part in line.split(" = ")))
        for cargo_type, text in READINGS[kind].items()
        for line in text.replace("\n", ";").split(";")
        if line.strip()
    }
    wrong = []
    for cargo_type, text, meaning in sorted(readings):
        names = reader.naming.cargos(cargo_type, text)
        read = {
            "unknown": "unknown",
            "ambiguous": " or ".join(names[0].alternatives),
        }.get(names[0].how) or " + ".join(name.name for name in names)
        if read != meaning:
            wrong.append((cargo_type, text, meaning, read))
    assert wrong == []


@pytest.mark.parametrize(
    ("cargo_type", "text", "types"),
    [
        ("mirna", "PTEN", ("protein", "mrna", "sirna")),
        ("mirna", "doxorubicin", ("small_molecule",)),
        ("protein", "miR-21", ("mirna",)),
        ("protein", "CHEBI:28748", ("small_molecule",)),
        ("small_molecule", "Met", ("protein", "mrna", "sirna")),
        ("small_molecule", "trastuzumab", ("protein", "mrna", "sirna")),
        ("nanoparticle", "HGNC:9588", ("protein", "mrna", "sirna")),
        ("lncrna", "circHIPK3", ("circrna",)),
        ("circrna", "HIPK3", ("protein", "mrna", "sirna")),
    ],
)
def test_a_name_of_another_kind_than_its_type_is_warned_of_with_the_types_that_fit(
    reader: CandidateParser, cargo_type: str, text: str, types: tuple[str, ...]
) -> None:
    parsed = reader.parse({"source_phenotype": "M2", "cargo_type": cargo_type, "cargo_name": text})
    (warning,) = [warning for warning in reader.warnings.find(parsed.notes) if warning.field == "cargo_type"]
    assert (warning.given, warning.nearest) == (cargo_type, types)
    assert parsed.cargo[0].name in warning.done
    with pytest.raises(CandidateError) as caught:
        reader.warnings.refuse(parsed.notes)
    assert [fault.field for fault in caught.value.faults] == ["cargo_type"]


@pytest.mark.parametrize(
    ("cargo_type", "text"),
    [("mrna", "PTEN"), ("sirna", "miR-21"), ("lncrna", "HOTAIR"), ("mirna", "miR-21+PTEN"), ("small_molecule", "DOX+miR-34a")],
)  # fmt: skip
def test_what_fits_its_type_or_is_carried_with_it_needs_no_warning(
    reader: CandidateParser, cargo_type: str, text: str
) -> None:
    parsed = reader.parse({"source_phenotype": "M2", "cargo_type": cargo_type, "cargo_name": text})
    assert reader.warnings.find(parsed.notes) == ()


LETTERS = "abcdefghijklmnopqrstuvwxyz"


@st.composite
def misspelt_names(draw: st.DrawFn) -> tuple[str, str]:
    """A drug, and the same with one of its letters left out, doubled, exchanged or swapped."""
    name = draw(st.sampled_from([name for name in DRUGS if name.isalpha() and len(name) > 6]))
    place = draw(st.integers(1, len(name) - 2))
    before, letter, after = name[:place], name[place], name[place + 1 :]
    changed = (before + after, before + letter * 2 + after, before + draw(st.sampled_from(LETTERS)) + after)
    return name, draw(st.sampled_from((*changed, before + after[0] + letter + after[1:])))


@given(misspelt_names())
def test_a_misspelt_drug_is_never_another_one(pair: tuple[str, str]) -> None:
    name, misspelt = pair
    read = SHARED.cargo("small_molecule", misspelt)
    assert not read.recognised or read.name in (name, misspelt)


SHARED = NameResolver.load()
DRUGS = CandidateParser.load().vocabulary.names("small_molecule")
