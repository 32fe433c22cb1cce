"""What `make dist` writes works without this repository: each package in an empty environment, from another folder.

The environments hold what the lock files name and nothing else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from models.provenance import STAMP, code_version, provenance
from tests.servers import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
PACKAGES = ("exoscore", "exoscore-client")
MODULES = {"exoscore": {"models", "service", "training", "wsgi.py"}, "exoscore-client": {"exoscore_client"}}
FOLDERS = {"exoscore": ROOT, "exoscore-client": ROOT / "client"}
BESIDE = {
    "exoscore": {"CHANGELOG.md", "CITATION.cff", "hatch_build.py", "requirements.lock"},
    "exoscore-client": {"requirements.lock", "tests"},
}
MIR21 = {"source_phenotype": "M2", "cargo_type": "mirna", "cargo_name": "miR-21-5p", "cancer_type": "gastric cancer"}
LINK = re.compile(r'<a [^>]*href="([^"]+)"')
SHOWN = re.compile(r'<(?:link|script|img) [^>]*(?:href|src)="([^"]+)"')
OPTIONS = [word for name, text in MIR21.items() for word in (f"--{name.replace('_', '-')}", text)]
CLIENT_SCRIPT = """
import json, sys
from exoscore_client import Client
with Client(sys.argv[1], sys.argv[2]) as client:
    score = client.score([json.loads(sys.argv[3])])["scores"][0]
    batch = client.send_batch("candidates.csv", format="csv")
    client.wait_for_job(batch["id"])
    client.save_batch_result(batch["id"], "by-client.csv")
print(score["probability_suppressing"])
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment with one package, and the folder in which its commands run."""

    home: Path
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def site_packages(self) -> Path:
        """Where its packages lie."""
        (folder,) = (self.home / "lib").glob("python*/site-packages")
        return folder

    def installed(self) -> dict[str, Distribution]:
        """What is installed, by name."""
        return {canonicalize_name(each.name): each for each in distributions(path=[str(self.site_packages)])}

    def start(self, program: str, *words: str, log: Path) -> subprocess.Popen[bytes]:
        """A process that stays running and writes to `log`."""
        with log.open("wb") as output:
            command = [self.home / "bin" / program, *words]
            return subprocess.Popen(command, cwd=self.folder, env=self.variables, stdout=output, stderr=output)

    def run(self, program: str, *words: str) -> str:
        """What a command prints, which ends well."""
        command = [self.home / "bin" / program, *words]
        done = subprocess.run(command, cwd=self.folder, env=self.variables, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def made_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what `make dist` writes; the manual must have been built (`make docs`)."""
    folder = tmp_path_factory.mktemp("dist")
    words = ["make", "--silent", "--old-file=docs", "dist", f"DIST={folder}", f"BIN={Path(sys.executable).parent}"]
    subprocess.run(words, cwd=ROOT, check=True, capture_output=True)
    return folder


def file_of(folder: Path, package: str, suffix: str) -> Path:
    """The one file of a package with a suffix."""
    (path,) = folder.glob(f"{package.replace('-', '_')}-[0-9]*{suffix}")
    return path


def environment_with(package: str, made_packages: Path, folder: Path) -> Iterator[Environment]:
    """An environment with what the lock file of a package names, and its wheel; it is removed at the end, since it is large."""
    home = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install", "--quiet", "--no-compile"]
    lock = FOLDERS[package] / "requirements.lock"
    for words in (["--require-hashes", "--requirement", lock], ["--no-deps", file_of(made_packages, package, ".whl")]):
        done = subprocess.run([*pip, "--disable-pip-version-check", *words], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    inherited = {name: text for name, text in os.environ.items() if not name.startswith(("EXOSCORE_", "PYTHON"))}
    (folder / "work").mkdir()
    yield Environment(home, folder / "work", inherited)
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def product(made_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    yield from environment_with("exoscore", made_packages, tmp_path_factory.mktemp("product"))


@pytest.fixture(scope="module")
def client(made_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    yield from environment_with("exoscore-client", made_packages, tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def address(product: Environment) -> Iterator[str]:
    """Where the installed product serves, over a `var` that its first start has made."""
    port, log = free_port(), product.folder / "serve.log"
    address = f"http://127.0.0.1:{port}"
    process = product.start("exoscore", "serve", "--var", "var", "--port", str(port), log=log)

    def is_ready() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            return httpx.get(f"{address}/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_until(is_ready, lambda: log.read_text("utf-8"), seconds=600)
        yield address
    finally:
        process.terminate()
        assert process.wait(60) == 0, log.read_text("utf-8")


@pytest.mark.parametrize("package", PACKAGES)
def test_the_source_archive_builds_the_same_wheel(made_packages: Path, tmp_path: Path, package: str) -> None:
    build = ["wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--no-index", "--wheel-dir", tmp_path]
    archive = file_of(made_packages, package, ".tar.gz")
    subprocess.run([sys.executable, "-m", "pip", *build, archive], check=True, capture_output=True, cwd=tmp_path)
    (built,) = tmp_path.glob("*.whl")
    shipped = file_of(made_packages, package, ".whl")
    assert built.name == shipped.name
    assert built.read_bytes() == shipped.read_bytes()


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_have_every_file_of_their_modules_and_nothing_else(made_packages: Path, package: str) -> None:
    folder = FOLDERS[package]
    needed = {
        str(path.relative_to(folder))
        for module in MODULES[package]
        for path in ((folder / module).rglob("*") if (folder / module).is_dir() else [folder / module])
        if path.is_file() and "__pycache__" not in path.parts
    }
    if package == "exoscore":
        needed.add(STAMP)
    with zipfile.ZipFile(file_of(made_packages, package, ".whl")) as wheel:
        names = set(wheel.namelist())
    assert {name for name in names if ".dist-info/" not in name} == needed
    with tarfile.open(file_of(made_packages, package, ".tar.gz")) as archive:
        members = {name.partition("/")[2] for name in archive.getnames()}
    about = {".gitignore", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
    assert {name.partition("/")[0] for name in members} == MODULES[package] | BESIDE[package] | about
    assert members >= needed
    assert not any("__pycache__" in name for name in members)


@pytest.mark.parametrize("package", PACKAGES)
def test_an_environment_from_the_lock_has_what_the_package_needs(
    package: str, request: pytest.FixtureRequest, made_packages: Path
) -> None:
    environment: Environment = request.getfixturevalue({"exoscore": "product", "exoscore-client": "client"}[package])
    installed = environment.installed()
    needed, unvisited = set(), [package]
    while unvisited:
        name = unvisited.pop()
        needed.add(name)
        requirements = map(Requirement, installed[name].requires or ())
        unvisited += {
            canonicalize_name(requirement.name)
            for requirement in requirements
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        } - needed
    assert set(installed) >= needed
    if package == "exoscore-client":
        assert set(installed) == needed
        assert [Requirement(text).name for text in installed[package].requires or ()] == ["httpx"]
    top = {path.parts[0] for path in installed[package].files or () if path.parts[0] != ".."}
    assert {name for name in top if ".dist-info" not in name} == MODULES[package]


def test_the_client_can_be_imported_where_nothing_of_the_product_can(client: Environment) -> None:
    client.run("python", "-c", "import exoscore_client")
    absent = (
        "import importlib.util as u, sys; sys.exit(any(map(u.find_spec, ['models', 'service', 'training', 'numpy'])))"
    )
    client.run("python", "-c", absent)


def test_a_newcomer_does_everything_with_the_wheel(product: Environment, client: Environment, address: str) -> None:
    """Serves, scores, sends a file over HTTP and on the command line, reads every page and trains, all in one installation."""
    place = product.run("python", "-c", "import models, service, training; print(models.__file__)")
    assert place.startswith(str(product.site_packages))
    csv = ",".join(MIR21) + "\n" + ",".join(MIR21.values()) + "\n"
    for environment in (product, client):
        (environment.folder / "candidates.csv").write_text(csv, encoding="utf-8")

    score = json.loads(product.run("exoscore", "score", "--var", "var", *OPTIONS, "--json"))["scores"][0]
    over_http = httpx.post(f"{address}/v1/scores", json={"candidates": [MIR21]}).json()["scores"][0]
    assert over_http["probability_suppressing"] == score["probability_suppressing"]
    # The clone that the wheel was built in, and its lock file.
    assert over_http["versions"]["code"] == score["versions"]["code"] == code_version()
    trained_with = httpx.get(f"{address}/v1/models/{score['versions']['model']}").json()["manifest"]
    assert (trained_with["code"], trained_with["lock"]) == (code_version(), provenance()["lock"])
    product.run("exoscore", "batch", "--var", "var", "candidates.csv", "scores.csv")
    shown = product.run("exoscore", "keys", "create", "--var", "var", "--name", "anna", "--scopes", "score", "--json")
    key = json.loads(shown)["key"]
    by_client = client.run("python", "-c", CLIENT_SCRIPT, address, key, json.dumps(MIR21))
    assert float(by_client) == score["probability_suppressing"]
    batch = (product.folder / "scores.csv").read_text("utf-8")
    assert (client.folder / "by-client.csv").read_text("utf-8") == batch

    product.run("exoscore", "score", "--var", "var", *OPTIONS, "--report", "report.html")
    assert "miR-21" in (product.folder / "report.html").read_text("utf-8")
    product.run("exoscore", "findings", "export", "--var", "var", "findings.tsv")
    findings = (product.folder / "findings.tsv").read_text("utf-8").splitlines(keepends=True)
    (product.folder / "few.tsv").write_text("".join(findings[:120]), encoding="utf-8")
    trained = product.run(
        "exoscore", "train", "--var", "var", "--findings", "few.tsv", "--report", "training", "--json"
    )
    model = json.loads(trained)["model"]
    assert model in product.run("exoscore", "models", "list", "--var", "var", "--json")
    assert (product.folder / "training" / "report.html").exists()


def test_the_wheel_has_every_page_and_the_manual(product: Environment, address: str) -> None:
    with httpx.Client(base_url=address, follow_redirects=True) as browser:
        seen = {address + "/": browser.get("/")}
        # The pages of the menu and the foot, then what those show: style sheets, scripts and pictures.
        for target in (LINK, SHOWN):
            for place, page in [*seen.items()]:
                for linked in {urljoin(place, unescape(text)).partition("#")[0] for text in target.findall(page.text)}:
                    if linked.startswith(address) and linked not in seen:
                        seen[linked] = browser.get(linked)
        assert {place: page.status_code for place, page in seen.items() if page.status_code != 200} == {}
        paths = {urlsplit(place).path for place in seen}
        assert paths >= {"/compare", "/batch", "/findings", "/models", "/docs", "/help/"}
        assert sum(path.endswith((".css", ".js", ".svg")) for path in paths) > 10
        assert "tumour-promoting" in browser.get("/", params=MIR21).text


def test_the_doctor_and_other_servers_have_what_they_need(product: Environment, address: str) -> None:
    assert "all match what Exoscore needs" in product.run("exoscore", "doctor", "--var", "var", "--json")
    serve = "import wsgi; print(wsgi.app.test_client().get('/readyz').status_code)"
    served = Environment(product.home, product.folder, {**product.variables, "EXOSCORE_VAR": "var"})
    assert served.run("python", "-c", serve) == "200\n"
