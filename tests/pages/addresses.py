"""Every page that there is, in each of its states: what holds for one holds for all of them."""

from __future__ import annotations

from service.pages.compare import query as comparison_query
from service.pages.score.examples import COMPARISON as EXAMPLES
from service.scoring import query_string
from tests.service.candidates import CANDIDATES, HOSTILE, LONGEST

MIR21 = "/?source_phenotype=M2&cargo_type=mirna&cargo_name=miR-21-5p&cancer_type=gastric+cancer"
WRONG = {"source_phenotype": "M7", "cargo_type": "mirna", "cargo_name": "miR-21"}
SET = {"source_cell": "MSC", "cargo_name": "miR-21:0.9+doxorubicin:0.1", "cargo_state": "native+loaded"}
FAULTY = "/?source_phenotype=M7&cargo_type=mirna&cargo_state=loadd&cancer_type=HCC&colour=red"
# Pages that need a key; without one they ask for it.
WITH_KEY = {
    "adding a finding": "/findings/add",
    "adding a hostile finding": f"/findings/add?{query_string.write(HOSTILE)}",
    "correcting a finding": "/findings/EXF-5f0084ae/correct",
    "importing": "/findings/import",
}
COMPARISON = f"/compare?{comparison_query.write(CANDIDATES)}"
MIRNA = "cargo_type=mirna&cargo_name=known"
DESIGN = f"/design?source=M1&source=MSC&{MIRNA}&cargo_state=native&cargo_state=loaded&cancer_type=glioblastoma"
# Every candidate of a page, without any bound.
LONG = "&goal=promoting&limit=100&inside_domain=false&max_per_family=0&max_per_source=0"
NO_DESIGN = (
    "/design?goal=kill&source=M7&cargo_name=&cancer_type=gastrc+cancer&limit=abc&min_papers=-1&species=x&colour=red"
)
ADDRESSES = {
    "front": "/",
    "answer": MIR21,
    "answer among": f"{MIR21}&among=source_cell&among=cargo_type",
    "answer on the unknown": f"/?{query_string.write(CANDIDATES[4])}",
    "answer to the hostile": f"/?{query_string.write(HOSTILE)}",
    "answer to the longest": f"/?{query_string.write(LONGEST)}",
    "answer on a set": f"/?{query_string.write(SET)}",
    "described": "/?describe=M2+macrophage+miR-21-5p,+gastrc+cancer,+A549",
    "described as nothing": "/?describe=",
    "faulty": FAULTY,
    "comparison of nothing": "/compare",
    "comparison of one": f"/compare?{comparison_query.write(CANDIDATES[:1])}",
    "comparison": COMPARISON,
    "comparison with faults": f"/compare?{comparison_query.write([*CANDIDATES[:2], WRONG])}&colour=red",
    "comparison of the hostile": f"/compare?{comparison_query.write([HOSTILE, LONGEST, CANDIDATES[4]])}",
    "comparison of too many": f"/compare?{comparison_query.write([*CANDIDATES, *EXAMPLES])}",
    "one to be changed": f"{COMPARISON}&change=2",
    "design of nothing yet": "/design",
    "design": DESIGN,
    "design of many": f"{DESIGN}{LONG}",
    "design without a candidate": "/design?source=M1&cargo_type=mirna&cargo_name=miR-34a&cargo_name=miR-124&goal=promoting",
    "design with faults": NO_DESIGN,
    "design with values that mean nothing": f"/design?source=M7&source=MSC&cargo_type=drugg&{MIRNA}&exclude_cargos=blorb",
    "design of the hostile": f"/design?source=M1&source=M2&{query_string.write({**HOSTILE, 'source_phenotype': ''})}{LONG}",
    "design of the longest": f"/design?source=M1&source=M2&{query_string.write({**LONGEST, 'source_phenotype': ''})}{LONG}",
    "design that is too large": f"/design?source=known&source_phenotype=known&cargo_type=protein&{MIRNA}",
    "batches": "/batch",
    "a batch that there is not": "/batch/job-none",
    "a file that there is not": "/batch/files/draft-none",
    "findings": "/findings",
    "findings filtered": "/findings?source_cell=MSC&cancer_type=melanoma&retracted=false",
    "findings in another order": "/findings?sort=author&page=2",
    "no finding": "/findings?q=nothing+of+the+kind",
    "findings with faulty filters": "/findings?effect=killing&cancer_type=melanomma&limit=900&colour=red",
    "conflicts": "/findings/conflicts",
    "a finding": "/findings/EXF-5f0084ae",
    "a finding that there is not": "/findings/EXF-none",
    "models": "/models",
    "a model that there is not": "/models/exo-none",
    "drift": "/models/drift",
    "drift of no days": "/models/drift?days=%3Cb%3E",
    "jobs": "/models/jobs",
    "a job that there is not": "/models/jobs/job-none",
    "key": "/key",
    "missing": "/nothing",
}
