"""The grammar of microRNA names, over the mature sequences of miRBase 22.1 (doi:10.1093/nar/gky1141)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from models.vocabulary.normalize import fold

_HEAD = re.compile(
    r"""^(?:(?:hsa|mmu|rno)[-_ ]*|[a-z]{3}[-_ ]+)?
    (?:(?:micro[-_ ]*rna|mi[-_ ]?rna|mirn|mi[-_ ]?r)s?[-_ ]*(?P<let_after>let[-_ ]*)?|(?P<let>let[-_ ]*))
    (?=\d)""",
    re.VERBOSE | re.ASCII,
)
_SHAPE = re.compile(
    r"^(?P<number>\d{1,5})-?(?P<letter>[a-z]{0,2})(?:-(?P<locus>\d))?(?:-?(?P<arm>[35])-?p|(?P<star>\*))?$", re.ASCII
)
_LOCUS = re.compile(r"(?<=\d)-\d+$|(?<=\d[a-z])-\d+$|(?<=\d[a-z]{2})-\d+$")
_CLUSTER = re.compile(r"^(\d{1,5}[a-z]?)(?:[-~/](\d{1,5}[a-z]?))+(?: ?cluster)?$", re.ASCII)

# Stars were entered into miRBase long after the strand that was found first, so their accession numbers are far apart.
_STAR_ACCESSION_GAP = 1000


@dataclass(frozen=True, slots=True)
class MirnaName:
    """What a microRNA name was read as.

    `name` keeps the arm, letter and locus that were given. `stem` is the name without arm and locus, under which votes
    on its role are counted. `how` is mature (one sequence, with its accession), stem (arm not given), star, cluster, or
    form (a well-formed name that miRBase's human entries do not have). `arms` lists the sequences that a stem can mean.
    """

    name: str
    stem: str
    how: str
    accession: str = ""
    seed: str = ""
    arms: tuple[str, ...] = ()


class MirnaNames:
    """Reads microRNA names against a table of mature sequences; immutable once built."""

    def __init__(self, matures: Iterable[dict[str, str]], stems: Iterable[str]) -> None:
        """`matures`: rows with name, accession, seed_2_8; `stems`: further names without arm that reports use."""
        self._accession: dict[str, str] = {}
        self._seed: dict[str, str] = {}
        self._arms: dict[str, list[str]] = {}
        for row in matures:
            name = row["name"]
            self._accession[name] = row["accession"]
            self._seed[name] = row["seed_2_8"]
            locus_stem = _without_arm(name)
            for stem in dict.fromkeys((locus_stem, _without_locus(locus_stem))):
                self._arms.setdefault(stem, []).append(name)
        self._stems = frozenset(self._arms) | frozenset(stems)
        self._by_key: dict[str, list[str]] = {}
        for name in sorted(self._stems | frozenset(self._accession)):
            self._by_key.setdefault(fold(name), []).append(name)

    def __len__(self) -> int:
        return len(self._accession)

    def names(self) -> Iterator[tuple[str, str]]:
        """Every name, with its accession where it is one sequence."""
        return ((name, self._accession.get(name, "")) for name in sorted(self._stems | frozenset(self._accession)))

    def read(self, text: str) -> MirnaName | None:
        """The microRNA that a `plain` text names; None where it does not look like one."""
        head = _HEAD.match(text)
        if head is None:
            return None
        family = "let" if head["let"] or head["let_after"] else "miR"
        rest = text[head.end() :].replace("_", "-").strip(" -")
        tail = re.sub(r"[ -]+", "-", rest)
        known = self._known(family, tail.removesuffix("*"))
        if known and not tail.endswith("*"):
            return self._entry(known)
        shape = _SHAPE.match(tail)
        if shape is None:
            return _cluster(family, rest)
        return self._from_shape(family, shape, known)

    def _known(self, family: str, tail: str) -> str | None:
        """The table's name with this spelling; hyphens decide only where dropping them would leave two."""
        spelled = f"{family}-{tail}"
        names = self._by_key.get(fold(spelled), ())
        if len(names) == 1:
            return names[0]
        return next((name for name in names if name.casefold() == spelled.casefold()), None)

    def _entry(self, name: str) -> MirnaName:
        if name in self._accession:
            return MirnaName(name, self.stem_of(name), "mature", self._accession[name], self._seed[name])
        arms = tuple(self._arms.get(name, ()))
        guide, _ = self._strands(name)
        return MirnaName(name, self.stem_of(name), "stem", "", self._seed.get(guide, ""), arms)

    def _from_shape(self, family: str, shape: re.Match[str], known: str | None) -> MirnaName:
        stem = f"{family}-{shape['number']}{shape['letter']}"
        locus = f"-{shape['locus']}" if shape["locus"] else ""
        if shape["star"]:
            return self._star(known or stem + locus)
        arm = f"-{shape['arm']}p" if shape["arm"] else ""
        return MirnaName(stem + locus + arm, self._nearest_stem(stem), "form")

    def _star(self, stem: str) -> MirnaName:
        """`miR-21*`: the strand that miRBase entered later. Where both were entered together, both are listed."""
        _, star = self._strands(stem)
        if star:
            return MirnaName(star, self.stem_of(star), "star", self._accession[star], self._seed[star])
        return MirnaName(f"{stem}*", self._nearest_stem(stem), "star", "", "", tuple(self._arms.get(stem, ())))

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

    def stem_of(self, name: str) -> str:
        """The name without arm, and without locus number where that leaves a stem that is in use."""
        stem = _without_arm(name)
        shorter = _without_locus(stem)
        return shorter if shorter in self._stems else stem

    def _nearest_stem(self, stem: str) -> str:
        """`stem` if it is in use, else without its letter (mouse has a miR-145a, human only a miR-145)."""
        if stem in self._stems:
            return stem
        letterless = re.sub(r"(?<=\d)[a-z]+$", "", stem)
        return letterless if letterless in self._stems else stem


def _cluster(family: str, rest: str) -> MirnaName | None:
    tail = rest.replace(" cluster", "")
    if not _CLUSTER.match(tail):
        return None
    name = f"{family}-" + re.sub(r"[~/]", "-", tail)
    return MirnaName(name, name, "cluster")


def _without_arm(name: str) -> str:
    return name.removesuffix("-5p").removesuffix("-3p")


def _without_locus(stem: str) -> str:
    return _LOCUS.sub("", stem)
