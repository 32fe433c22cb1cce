"""A batch from its beginning, or from where it was interrupted, to its end."""

import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from models.errors import TableError
from models.scorer import Scorer
from models.scoring.summary import retraction_remark
from service.batch.block_scoring import BlockProcessor
from service.batch.checkpoint import file_identity
from service.batch.errors import BatchError, ResumeError, WorkerKilledError
from service.batch.executors import score_blocks
from service.batch.options import BatchSpec
from service.batch.progress import Progress, ProgressCallback
from service.batch.readers import open_checked
from service.batch.readers.base import BlockReader
from service.batch.writers.atomic_file import resolve_target
from service.batch.writers.output import Output


def run(scorer: Scorer, spec: BatchSpec, report: ProgressCallback = lambda progress: None) -> Progress:
    """Scores a file, and reports the progress after each block.

    Raises TableError where the file cannot be used, BatchError where the batch cannot be done, ClusterError where the cluster
    cannot be used, OSError where something cannot be read or written. Then nothing stands under the names of the files to be
    written that did not stand there before; what was finished is left beside them to be resumed, unless it is the input that
    has to be changed.
    """
    # Arrow's own pool holds an eighth more memory at the peak, and is no faster here.
    pa.set_memory_pool(pa.system_memory_pool())
    spec = _resolve_targets(spec)
    with open_checked(spec, scorer.parser) as reader:
        processor = BlockProcessor(scorer, replace(spec.options, source=reader.form), reader.headings, reader.columns)
        identity = _identity(scorer, spec)
        # Parquet has room for what made its rows.
        versions = {f"exoscore.{name}": text for name, text in asdict(scorer.versions).items()}
        output = Output(spec, processor.schema(reader.empty_block()).with_metadata(versions))
        try:
            constants = spec.options.constants.items()
            remarks = [f"{name} is {value} in every row that states none" for name, value in constants]
            remarks += filter(None, [retraction_remark(len(scorer.retracted))])
            return _run(reader, processor, output, spec, identity, remarks, report)
        except BaseException as error:
            can_be_resumed = not isinstance(error, TableError | BatchError)
            if can_be_resumed or isinstance(error, ResumeError | WorkerKilledError):
                output.leave()
            else:
                output.discard()
            raise


def _run(
    reader: BlockReader,
    processor: BlockProcessor,
    output: Output,
    spec: BatchSpec,
    identity: Mapping[str, Any],
    remarks: Sequence[str],
    report: ProgressCallback,
) -> Progress:
    begun = time.monotonic()
    progress = Progress(remarks=[*reader.remarks, *remarks])
    position = reader.start
    finished = output.resume(identity) if spec.resume else []
    if not finished:
        output.begin(identity, position)
    for entry in finished:
        progress.add(entry.after, entry.summary)
        position = entry.after
    progress.resumed = progress.rows
    with closing(score_blocks(processor, reader.read_blocks(position), spec)) as results:
        for block, scored in results:
            output.add(block.after, scored)
            progress.add(block.after, scored.summary)
            progress.seconds = time.monotonic() - begun
            progress.done = block.after.offset / reader.size if reader.size else None
            report(progress)
    output.finish()
    progress.seconds = time.monotonic() - begun
    return progress


def _identity(scorer: Scorer, spec: BatchSpec) -> Mapping[str, Any]:
    """What a resumed batch must have in common with the one that was interrupted."""
    return {
        **(file_identity(spec.source) if spec.source else {}),
        **asdict(scorer.versions),
        **({"retracted findings": sorted(scorer.retracted)} if scorer.retracted else {}),
        **asdict(spec.options),
        "errors file": str(spec.errors_path or "none"),
        "blocks": [spec.block_bytes, spec.block_rows],
    }


def _resolve_targets(spec: BatchSpec) -> BatchSpec:
    """A batch with the places where its files come to stand. Raises BatchError where two of the files are one."""
    named = {"the input": spec.source, "the output": spec.target, "the file of errors": spec.errors_path}
    seen: dict[Path, str] = {}
    for what, path in named.items():
        if path and (other := seen.setdefault(path.resolve(), what)) is not what:
            raise BatchError(f"{path} is both {other} and {what}. Name another file.")
    target, errors_path = (path and resolve_target(path) for path in (spec.target, spec.errors_path))
    return replace(spec, target=target, errors_path=errors_path)
