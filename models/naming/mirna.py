"""The grammar of microRNA names, over the mature sequences of miRBase 22.1 (doi:10.1093/nar/gky1141) and the genes that their
hairpins come from."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.vocabulary.normalize import plain

# Human microRNAs go by the same names in other mammals; those of plants, flies and viruses are others of the same form.
_MAMMALS = (
    "hsa",
    "mmu",
    "rno",
    "mml",
    "ptr",
    "ggo",
    "ppy",
    "bta",
    "ssc",
    "oar",
    "chi",
    "eca",
    "cfa",
    "fca",
    "ocu",
    "cgr",
)
# Others that miRBase has microRNAs of and that papers name. Other letters before a name are no species (`pre-miR-155`).
_OTHERS = (
    *(
        "ath",
        "bna",
        "cel",
        "cin",
        "bmo",
        "dme",
        "dre",
        "ame",
        "aga",
        "tca",
        "gga",
        "gma",
        "hvu",
        "mdo",
        "mtr",
        "oan",
        "ola",
    ),
    *("osa", "ptc", "sbi", "sly", "sma", "spu", "stu", "tae", "tni", "vvi", "xla", "xtr", "zma", "mdm", "csi", "cpa"),
)
_VIRUSES = (
    *(
        "ebv",
        "kshv",
        "hcmv",
        "hsv1",
        "hsv2",
        "hiv1",
        "hvsa",
        "hvt",
        "bhv1",
        "bhv5",
        "bkv",
        "jcv",
        "sv40",
        "mcv",
        "mcmv",
    ),
    *("mdv1", "mdv2", "mghv", "rlcv", "rrv", "prv", "blv", "iltv", "hhv6b", "bpcv1", "bpcv2", "rcmv"),
)
_HEAD = re.compile(
    rf"""^(?:(?P<species>{"|".join((*_MAMMALS, *_OTHERS))})[-_ ]+)?
    (?:(?:micro[-_ ]*rna|mi[-_ ]?rna|mirn|mi[-_ ]?r)s?[-_ ]*(?P<let_after>let[-_ ]*)?|(?P<let>let[-_ ]*))
    (?=\d)""",
    re.VERBOSE | re.ASCII,
)
# A number and its letter, the copy of the gene (`mir-9-2`, `mir-181a-2`, `MIR181A2`), then the arm or a star.
_SHAPE = re.compile(
    r"""^(?P<number>\d{1,5})(?:-?(?P<letter>(?!hg$)[a-z]{1,2})(?:-?(?P<copy>\d{1,2}))?|-(?P<lone_copy>\d{1,2}))?
    (?:-?(?P<arm>[35])-?p|(?P<star>\*|-star))?$""",
    re.VERBOSE | re.ASCII,
)
_VIRAL = re.compile(
    rf"^(?P<species>{'|'.join(_VIRUSES)})-mir-(?P<name>[a-z]+\d{{0,3}}(?:-\d)?)(?:-(?P<arm>[35]p))?$", re.ASCII
)
_CLUSTER = re.compile(r"^(\d{1,5}[a-z]?)(?:[-~](\d{1,5}[a-z]?))+$", re.ASCII)
# A gene of a hairpin, but not that of a long RNA around one (MIR155HG).
_HAIRPIN_GENE = re.compile(r"MIR(?:LET7[A-Z]?\d?|\d+[A-Z]{0,2}\d*(?:-\d+)?)(?<!HG)")
_COPY = re.compile(r"(?<=\d)-\d+$|(?<=\d[a-z])-\d+$|(?<=\d[a-z]{2})-\d+$")
_HYPHEN_IN_NUMBER = re.compile(r"(?<=\d)-(?=\d)")

# Stars were entered into miRBase long after the strand that was found first, so their accession numbers are far apart.
_STAR_ACCESSION_GAP = 1000


@dataclass(frozen=True, slots=True)
class MirnaName:
    """What a microRNA name was read as.

    `name` keeps the arm and letter that were given. `stem` is the name without arm, under which votes on its role are counted.
    `how` is mature (one sequence, with its accession), stem (arm not given), copy (that of the gene was dropped), star, family
    (several with one number), previous name, cluster, species (of a species whose microRNAs are not those of mammals), form (of
    another mammal, and not in miRBase's human entries) or unknown (well-formed, but there is none of that name). `members` lists
    the sequences that a stem can mean, the members of a family, or what comes near to an unknown name.
    """

    name: str
    stem: str
    how: str
    accession: str = ""
    seed: str = ""
    members: tuple[str, ...] = ()


class MirnaNames:
    """Reads microRNA names against a table of mature sequences; immutable once built."""

    def __init__(
        self, matures: Iterable[dict[str, str]], stems: Iterable[str], genes: Iterable[tuple[str, list[str]]]
    ) -> None:
        """`matures`: rows with name, accession, seed_2_8; `stems`: further names without arm that reports use; `genes`: symbols
        of hairpins, each with what else it was called."""
        self._accession: dict[str, str] = {}
        self._seed: dict[str, str] = {}
        self._arms: dict[str, list[str]] = {}
        for row in matures:
            name = row["name"]
            self._accession[name] = row["accession"]
            self._seed[name] = row["seed_2_8"]
            self._arms.setdefault(_without_copy(_without_arm(name)), []).append(name)
        self._of_accession = {accession: name for name, accession in self._accession.items()}
        self._stems = frozenset(self._arms) | frozenset(stems)
        # The stem of each hairpin, by its name with the copy of its gene, and by the symbol of that.
        self._hairpins = {name: _without_copy(_without_arm(name)) for name in map(_without_arm, self._accession)}
        self._of_gene: dict[str, str] = {}
        other_names: dict[str, set[str]] = {}
        for symbol, others in genes:
            if _HAIRPIN_GENE.fullmatch(symbol) and (shape := _parse(plain(symbol))):
                shapes = [shape, *filter(None, map(_parse, map(plain, others)))]
                # A hairpin may have a later name in miRBase than its gene has (MIR3591 is that of mir-122b).
                stem = next((each.stem for each in shapes if each.stem in self._arms), shape.stem)
                self._of_gene[symbol] = self._hairpins[shape.hairpin] = stem
                for former in {each.stem for each in shapes} - {stem}:
                    other_names.setdefault(former, set()).add(stem)
        known = self._stems.union(self._of_gene.values())
        self._previous = {name: tuple(sorted(now)) for name, now in other_names.items() if name not in known}
        self._members: dict[str, list[str]] = {}
        for stem in sorted(self._arms):
            if lettered := re.fullmatch(r"((?:miR|let)-\d+)[a-z]+", stem):
                self._members.setdefault(lettered[1], []).append(stem)
        self._without_hyphens: dict[str, set[str]] = {}
        for name in (*self._stems, *self._accession, *self._hairpins):
            family, _, tail = name.partition("-")
            self._without_hyphens.setdefault(f"{family}-{tail.replace('-', '')}", set()).add(name)

    def __len__(self) -> int:
        return len(self._accession)

    def names(self) -> Iterator[tuple[str, str]]:
        """Every name, with its accession where it is one sequence."""
        return ((name, self._accession.get(name, "")) for name in sorted(self._stems | frozenset(self._accession)))

    def read(self, text: str) -> MirnaName | None:
        """The microRNA that a `plain` text names; None where it does not look like one."""
        if viral := _VIRAL.match(text):
            name = f"{viral['species']}-miR-{viral['name'].upper()}"
            return MirnaName(f"{name}-{viral['arm']}" if viral["arm"] else name, name, "species")
        shape = _parse(text)
        if shape is None:
            return self._cluster(text)
        if shape.species and shape.species not in _MAMMALS:
            return MirnaName(f"{shape.species}-{shape.name}", f"{shape.species}-{shape.stem}", "species")
        return self._known(shape) or self._unhyphenated(shape) or self._cluster(text) or self._unknown(shape)

    def read_accession(self, text: str) -> MirnaName | None:
        """The sequence of an accession number of miRBase, `mimat0000076`."""
        name = self._of_accession.get(text.upper())
        return None if name is None else self._entry(name)

    def read_family(self, text: str) -> MirnaName | None:
        """The family that is named by one of its members or by its number alone."""
        shape = _parse(text)
        if shape is None or shape.arm or shape.copy or shape.species not in ("", "hsa"):
            return None
        members = tuple(self._members.get(shape.stem, ())) or self._alike(shape.stem)
        return MirnaName(shape.stem, shape.stem, "family", "", self._common_seed(members), members) if members else None

    def read_gene(self, symbol: str) -> MirnaName | None:
        """The microRNA of the gene of a hairpin."""
        stem = self._of_gene.get(symbol)
        return None if stem is None else MirnaName(stem, stem, "copy", "", *self._guide(stem))

    def _known(self, shape: "_Shape") -> MirnaName | None:
        """The microRNA of a name whose hyphens are taken as they stand."""
        if shape.star:
            return self._star(shape.stem) if shape.stem in self._arms else None
        if shape.name in self._accession:
            return self._entry(shape.name)
        if shape.copy:
            # Miscounted copies are still copies; larger numbers are of neighbours (miR-17-92).
            is_copy = shape.stem in self._stems and len(shape.copy) == 1
            stem = self._hairpins.get(shape.hairpin, shape.stem if is_copy else "")
            return self._in_copy(stem, shape.arm) if stem else None
        if shape.stem in self._arms:
            return None if shape.arm else MirnaName(shape.stem, shape.stem, "stem", "", *self._guide(shape.stem))
        every = sorted({*self._members.get(shape.stem, ()), *self._previous.get(shape.stem, ())})
        if len(every) == 1:
            return self._in_copy(every[0], shape.arm, "previous name")
        if every and not shape.arm:
            return MirnaName(shape.stem, shape.stem, "family", "", self._common_seed(every), tuple(every))
        return MirnaName(shape.stem, shape.stem, "stem") if shape.stem in self._stems and not shape.arm else None

    def _unhyphenated(self, shape: "_Shape") -> MirnaName | None:
        """The microRNA of a name that lacks hyphens, where only one has that spelling."""
        if shape.copy or _HYPHEN_IN_NUMBER.search(shape.text):
            return None
        names = self._without_hyphens.get(f"{shape.family}-{shape.text.replace('-', '')}", ())
        if len(names) != 1:
            return None
        (name,) = names
        return self._entry(name) if name in self._accession else self._in_copy(_without_copy(name), "")

    def _unknown(self, shape: "_Shape") -> MirnaName:
        letterless = re.sub(r"[a-z]+$", "", shape.stem)
        near = next((stem for stem in (shape.stem, letterless) if stem in self._stems), "")
        if shape.species not in ("", "hsa") and not shape.copy:
            # Mice have a miR-145a, and humans only a miR-145.
            return MirnaName(shape.name, near or shape.stem, "form")
        members = tuple(self._members.get(letterless, ()))
        return MirnaName(shape.name, shape.stem, "unknown", members=(*filter(None, [near]), *members))

    def _entry(self, name: str) -> MirnaName:
        return MirnaName(name, self.stem_of(name), "mature", self._accession[name], self._seed[name])

    def _in_copy(self, stem: str, arm: str, how: str = "copy") -> MirnaName | None:
        """The microRNA of a stem by another name; where an arm is named, that sequence of it."""
        if not arm:
            return MirnaName(stem, stem, how, "", *self._guide(stem))
        name = f"{stem}-{arm}"
        if name not in self._accession:
            return None
        return MirnaName(name, stem, how, self._accession[name], self._seed[name])

    def _star(self, stem: str) -> MirnaName:
        """`miR-21*`: the strand that miRBase entered later. Where both were entered together, both are listed."""
        _, star = self._strands(stem)
        if star:
            return MirnaName(star, self.stem_of(star), "star", self._accession[star], self._seed[star])
        return MirnaName(f"{stem}*", stem, "star", "", "", tuple(self._arms[stem]))

    def _guide(self, stem: str) -> tuple[str, tuple[str, ...]]:
        """The seed of a stem's guide strand, empty where it is not known, and the sequences that it can mean."""
        guide, _ = self._strands(stem)
        return self._seed.get(guide, ""), tuple(self._arms.get(stem, ()))

    def _strands(self, stem: str) -> tuple[str, str]:
        """The guide and the star strand of a stem, by the order of entry; empty where that does not tell."""
        arms = sorted(self._arms.get(stem, ()), key=self._number)
        if len(arms) == 1:
            return arms[0], ""
        if len(arms) == 2 and self._number(arms[1]) - self._number(arms[0]) >= _STAR_ACCESSION_GAP:
            return arms[0], arms[1]
        return "", ""

    def _number(self, mature: str) -> int:
        return int(self._accession[mature].removeprefix("MIMAT"))

    def _alike(self, stem: str) -> tuple[str, ...]:
        """The stems whose guide strand has the seed of that of `stem`, itself among them; none where that is not known."""
        seed, _ = self._guide(stem)
        return tuple(sorted(other for other in self._arms if self._guide(other)[0] == seed)) if seed else ()

    def _common_seed(self, stems: Iterable[str]) -> str:
        seeds = {self._guide(stem)[0] for stem in stems}
        return seeds.pop() if len(seeds) == 1 else ""

    def _cluster(self, text: str) -> MirnaName | None:
        """Neighbours on a chromosome that are made together: `miR-17-92`, `miR-17~92 cluster`."""
        head = _HEAD.match(text)
        if head is None:
            return None
        family, tail = _family(head), text[head.end() :].removesuffix("cluster").strip()
        if text.endswith("cluster"):
            tail = tail.replace("/", "~")
        numbers = re.split("[-~]", tail)
        # One digit at the end is the copy of a gene, unless it is said to be a neighbour.
        is_said = text.endswith("cluster") or "~" in tail
        in_use = all(f"{family}-{number}" in self._stems or f"{family}-{number}" in self._members for number in numbers)
        if not (_CLUSTER.match(tail) and in_use and (is_said or all(len(number) > 1 for number in numbers))):
            return None
        name = f"{family}-{'-'.join(numbers)}"
        return MirnaName(name, name, "cluster")

    def stem_of(self, name: str) -> str:
        """The name without arm and copy."""
        return _without_copy(_without_arm(name))


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parts of a name; `text` is what stands behind its head."""

    species: str
    family: str
    text: str
    stem: str
    copy: str
    arm: str
    star: bool

    @property
    def hairpin(self) -> str:
        return f"{self.stem}-{self.copy}" if self.copy else self.stem

    @property
    def name(self) -> str:
        return f"{self.hairpin}-{self.arm}" if self.arm else self.hairpin


def _parse(text: str) -> _Shape | None:
    head = _HEAD.match(text)
    if head is None:
        return None
    tail = re.sub(r"[ _-]+", "-", text[head.end() :]).strip("-")
    shape = _SHAPE.match(tail)
    if shape is None:
        return None
    family = _family(head)
    return _Shape(
        species=head["species"] or "",
        family=family,
        text=tail,
        stem=f"{family}-{shape['number']}{shape['letter'] or ''}",
        copy=shape["copy"] or shape["lone_copy"] or "",
        arm=f"{shape['arm']}p" if shape["arm"] else "",
        star=bool(shape["star"]),
    )


def _family(head: re.Match[str]) -> str:
    return "let" if head["let"] or head["let_after"] else "miR"


def _without_arm(name: str) -> str:
    return name.removesuffix("-5p").removesuffix("-3p")


def _without_copy(stem: str) -> str:
    return _COPY.sub("", stem)
