"""The peers: what else a scikit-learn pipeline can be served with, how each is started, and how it is spoken to."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = Mapping[str, str]

APPS = Path(__file__).parent
LEARNING = ("scikit-learn", "joblib", "pandas")
# Environment: what pip is asked for. `batch` is no server: pandas beside `exoscore batch`.
ENVIRONMENTS = {
    "flask": (*LEARNING, "flask", "gunicorn"),
    "fastapi": (*LEARNING, "fastapi", "uvicorn[standard]", "pydantic"),
    "litserve": (*LEARNING, "litserve"),
    "bentoml": (*LEARNING, "bentoml"),
    # MLServer 1.7.1 does not start its workers with a newer uvloop.
    "mlserver": ("mlserver", "mlserver-sklearn", "pandas", "uvloop<0.22"),
    "mlflow": ("mlflow", "scikit-learn", "pandas"),
    "batch": (*LEARNING, "pyarrow"),
}
VERSIONS_OF = {
    "flask": ("flask", "gunicorn"),
    "fastapi": ("fastapi", "uvicorn", "uvloop", "pydantic"),
    "litserve": ("litserve",),
    "bentoml": ("bentoml",),
    "mlserver": ("mlserver", "uvloop"),
    "mlflow": ("mlflow", "uvicorn"),
    "batch": ("pandas", "pyarrow", "scikit-learn"),
}


def records(rows: Sequence[Row]) -> str:
    """A body with a list of objects."""
    return json.dumps({"candidates": rows})


def frame_records(rows: Sequence[Row]) -> str:
    """A body as MLflow takes data frames."""
    return json.dumps({"dataframe_records": rows})


def columns(rows: Sequence[Row]) -> str:
    """A body of the V2 inference protocol, a column for each field."""
    inputs = [
        {
            "name": name,
            "shape": [len(rows), 1],
            "datatype": "BYTES",
            "parameters": {"content_type": "str"},
            "data": [row[name] for row in rows],
        }
        for name in rows[0]
    ]
    return json.dumps({"parameters": {"content_type": "pd"}, "outputs": [{"name": "predict_proba"}], "inputs": inputs})


BODIES: Mapping[str, Callable[[Sequence[Row]], str]] = {
    "records": records,
    "frame_records": frame_records,
    "columns": columns,
}


@dataclass(frozen=True)
class Peer:
    """One peer in one of its ways to be run; `settings` says which, `of` reads the probabilities from an answer."""

    name: str
    environment: str
    settings: str
    command: Callable[[Path, int], list[str]]
    path: str = "/predict"
    body: str = "records"
    of: Callable[[Any], list[float]] = lambda answer: answer["probabilities"]
    variables: Callable[[Path, int], dict[str, str]] = field(default=lambda folder, port: {})

    def environ(self, folder: Path, port: int) -> dict[str, str]:
        """The environment variables that it is started with."""
        own = {"PIPELINE": str(folder / "pipeline.joblib"), "PYTHONDONTWRITEBYTECODE": "1"}
        return {**own, **self.variables(folder, port)}


def program(folder: Path, environment: str, name: str) -> str:
    """A program of an environment under the folder of the peers."""
    return str(folder / "venv" / environment / "bin" / name)


def _flask(*more: str) -> Callable[[Path, int], list[str]]:
    options = ["--chdir", str(APPS), "--log-level", "warning", "--workers", "2", *more, "flask_app:app"]
    return lambda folder, port: [program(folder, "flask", "gunicorn"), "--bind", f"127.0.0.1:{port}", *options]


def _fastapi(folder: Path, port: int) -> list[str]:
    options = ["--workers", "2", "--log-level", "warning", "--no-access-log", "--port", str(port)]
    return [program(folder, "fastapi", "uvicorn"), "fastapi_app:app", "--app-dir", str(APPS), *options]


def _litserve(folder: Path, port: int) -> list[str]:
    return [program(folder, "litserve", "python"), str(APPS / "litserve_app.py"), str(port)]


def _bentoml(folder: Path, port: int) -> list[str]:
    options = ["--host", "127.0.0.1", "--port", str(port), "--working-dir", str(APPS)]
    return [program(folder, "bentoml", "bentoml"), "serve", "bentoml_app:Scorer", *options]


def _bentoml_home(batch: str) -> Callable[[Path, int], dict[str, str]]:
    return lambda folder, port: {
        "BATCH": batch,
        "BENTOML_HOME": str(folder / "bentoml_home"),
        "BENTOML_DO_NOT_TRACK": "True",
    }


def _mlserver(name: str) -> Callable[[Path, int], list[str]]:
    return lambda folder, port: [program(folder, "mlserver", "mlserver"), "start", str(folder / "mlserver" / name)]


def _mlserver_ports(folder: Path, port: int) -> dict[str, str]:
    ports = {"HTTP": port, "GRPC": port + 1, "METRICS": port + 2}
    return {f"MLSERVER_{name}_PORT": str(one) for name, one in ports.items()}


def _mlflow(folder: Path, port: int) -> list[str]:
    options = ["-h", "127.0.0.1", "-p", str(port), "--env-manager", "local", "-w", "2"]
    return [program(folder, "mlflow", "mlflow"), "models", "serve", "-m", str(folder / "mlflow"), *options]


def _mlflow_path(folder: Path, port: int) -> dict[str, str]:
    programs = Path(program(folder, "mlflow", "mlflow")).parent
    return {"PATH": f"{programs}:{os.environ['PATH']}", "MLFLOW_DISABLE_TELEMETRY": "true"}


def _batching(folder: Path, port: int) -> dict[str, str]:
    return {"BATCH": "1"}


def _of_columns(answer: Any) -> list[float]:
    found: list[float] = answer["outputs"][0]["data"][1::2]
    return found


def _of_mlflow(answer: Any) -> list[float]:
    return [row[1] for row in answer["predictions"]]


PEERS = (
    Peer("flask", "flask", "gunicorn, 2 sync workers (no keep-alive)", _flask()),
    Peer("flask, threads", "flask", "gunicorn, 2 workers of 4 threads", _flask("--threads", "4")),
    Peer("fastapi", "fastapi", "uvicorn, 2 workers", _fastapi),
    Peer("litserve", "litserve", "2 workers", _litserve),
    Peer("litserve, batching", "litserve", "2 workers, batches of 32 within 2 ms", _litserve, variables=_batching),
    Peer("bentoml", "bentoml", "2 workers", _bentoml, of=list, variables=_bentoml_home("")),
    Peer("bentoml, batching", "bentoml", "2 workers, adaptive", _bentoml, of=list, variables=_bentoml_home("1")),
    Peer(
        "mlserver",
        "mlserver",
        "2 parallel workers, V2 protocol",
        _mlserver("plain"),
        "/v2/models/scorer/infer",
        "columns",
        _of_columns,
        _mlserver_ports,
    ),
    Peer(
        "mlserver, batching",
        "mlserver",
        "2 parallel workers, batches of 32 within 10 ms",
        _mlserver("batching"),
        "/v2/models/scorer/infer",
        "columns",
        _of_columns,
        _mlserver_ports,
    ),
    Peer("mlflow", "mlflow", "uvicorn, 2 workers", _mlflow, "/invocations", "frame_records", _of_mlflow, _mlflow_path),
)
