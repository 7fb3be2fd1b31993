"""`regloss translate`."""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.table import Table

import regloss
from regloss.cli.console import errors, output, progress_bar
from regloss.cli.options import ConfigOption, GlossaryOption, SourceFieldOption
from regloss.config import load_config
from regloss.document import Document
from regloss.errors import InputError, UsageError
from regloss.formats import Fields, dump_json, format_for, is_records, read_document
from regloss.formats.discover import InputFile, discover
from regloss.formats.files import parse_document, read_gaps
from regloss.formats.gaps import fill
from regloss.formats.output import output_folder, refuse_clashes, safe_join
from regloss.formats.registry import known_suffixes
from regloss.glossary.store import Glossary, load_glossary
from regloss.repair import Repairer
from regloss.translation import (
    DecodingOptions,
    DocumentTranslation,
    EngineOptions,
    RememberingTranslator,
    TermOutcome,
    TranslationMemory,
    Translator,
    load_translator,
    translate_document,
    translate_texts,
)
from regloss.translation.cache import cache_folder
from regloss.translation.records import SourceRecord, read_sources

__all__ = ["translate_command"]

TERM_LOG = "terms.jsonl"
_RECORDS_AT_ONCE = 128

TRANSLATE_EPILOG = """
[bold]Examples[/bold]

regloss translate article.zh.txt                         English on stdout, a line for a line

regloss translate chinese/ -o english/                   a folder; terms.jsonl tells what became of each term

regloss translate app.po strings.xlf -o out              bilingual files: empty targets are filled, marked for review

regloss translate article.zh.md -o out --model opus-mt-zh-en --glossary zh-en/short-video

cat lines.jsonl | regloss translate -                    lines with "id" and "source"; "target" is filled in
"""


@dataclass(frozen=True, slots=True)
class _Job:
    """Everything that each file is translated with."""

    translator: Translator
    glossary: Glossary
    options: DecodingOptions
    repairer: Repairer
    overwrite: bool = False

    def mend(self, text: str, glossary: Glossary, source: str | None = None) -> str:
        """Repair what the model left of the terms; the repairer was made for the job's glossary once."""
        del glossary
        return self.repairer.repair(text, source)

    def document(self, document: Document) -> DocumentTranslation:
        with progress_bar() as bar:
            task = bar.add_task(f"translating {document.name}", total=None)
            return translate_document(
                document,
                self.translator,
                self.glossary,
                options=self.options,
                repair=self.mend,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )

    def file(self, file: InputFile) -> tuple[bytes, DocumentTranslation]:
        """Return a file translated: a bilingual one with its targets filled, else with English where Chinese stood."""
        gaps = read_gaps(file.path, file.fields, overwrite=self.overwrite)
        if gaps is not None:
            translation = self.document(gaps)
            return fill(gaps, translation.text), translation
        document = read_document(file.path, file.fields)
        translation = self.document(document)
        return format_for(file.path).encode(document, translation.text), translation

    def records(self, records: Iterable[SourceRecord]) -> Iterator[tuple[str, tuple[TermOutcome, ...]]]:
        """Yield the finished lines with their term log, a chunk at a time."""
        rest = iter(records)
        while chunk := list(islice(rest, _RECORDS_AT_ONCE)):
            hypotheses, outcomes = translate_texts(
                [record.source for record in chunk],
                self.translator,
                self.glossary,
                options=self.options,
                repair=self.mend,
                ids=[record.id for record in chunk],
            )
            lines = (record.render(h.text) + "\n" for record, h in zip(chunk, hypotheses, strict=True))
            yield "".join(lines), outcomes

    def signature(self) -> str:
        return (
            f"regloss {regloss.__version__} | model {self.translator.signature()} | "
            f"glossary {self.glossary.content_hash} | beam {self.options.beam}"
        )


def translate_command(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files, folders, or - for stdin.")],
    model: Annotated[str | None, typer.Option(help="A model's name (regloss models list) or folder.")] = None,
    glossary: GlossaryOption = None,
    out: Annotated[Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write results below DIR.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write into a folder that holds files already.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="In bilingual files replace the targets that are filled too.")
    ] = False,
    target_field: Annotated[
        str, typer.Option(metavar="NAME", help="Column of a table to fill, or a JSON path such as $.items[*].text.")
    ] = "",
    source_field: SourceFieldOption = "",
    beam: Annotated[int | None, typer.Option(help="Beam size; 1 is fastest.", min=1, max=64)] = None,
    memory: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Translation memory to use instead of the user's own.")
    ] = None,
    no_memory: Annotated[
        bool, typer.Option("--no-memory", help="Neither read nor write a translation memory.")
    ] = False,
    engine: Annotated[str, typer.Option(help="auto, ctranslate2 or transformers.")] = "auto",
    workers: Annotated[int, typer.Option(help="Batches at once; 0: one a processor core.", min=0)] = 0,
    config: ConfigOption = None,
) -> None:
    """Translate Chinese files into English and hold the translation to the glossary's terms."""
    if memory is not None and no_memory:
        raise UsageError("choose one of --memory and --no-memory")
    if "-" in paths and len(paths) > 1:
        raise UsageError("- (stdin) cannot be mixed with files")
    if out is None and paths != ["-"] and (len(paths) > 1 or Path(paths[0]).is_dir()):
        raise UsageError("several files cannot go to stdout; give a folder with -o")
    fields = Fields(target_field, source_field)
    files = () if paths == ["-"] else discover([Path(path) for path in paths], known_suffixes(), fields, out)
    if out is not None:
        refuse_clashes(files, out, (TERM_LOG,))
    settings = load_config(config).overridden(glossary=tuple(glossary) if glossary else None, model=model, beam=beam)
    terms = load_glossary(settings.glossary)
    loaded = load_translator(settings.model, EngineOptions(engine=engine, workers=workers))
    remembering = _with_memory(loaded, memory, no_memory)
    job = _Job(remembering, terms, DecodingOptions(beam=settings.beam), Repairer(terms), overwrite)
    if out is not None:
        _to_folder(files, out, job, force=force)
    elif files:
        _to_stdout(files[0], job)
    else:
        _stdin_to_stdout(job)
    errors.print(job.signature(), markup=False, soft_wrap=True)


def _with_memory(translator: Translator, path: Path | None, off: bool) -> Translator:
    if off:
        return translator
    try:
        return RememberingTranslator(translator, TranslationMemory(path or cache_folder() / "memory.sqlite"))
    except InputError as fault:
        if path is not None:
            raise
        # The user asked for no memory by name; a broken or unwritable default one only costs time.
        errors.print(f"warning: {fault}", style="yellow", markup=False, soft_wrap=True)
        return translator


def _stdin_to_stdout(job: _Job) -> None:
    """JSONL if the first line begins with a brace, else plain text."""
    first = sys.stdin.buffer.readline()
    if first.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        for lines, _ in job.records(read_sources(chain([first], sys.stdin.buffer), "-")):
            sys.stdout.write(lines)
        return
    document = parse_document(first + sys.stdin.buffer.read(), "-")
    translation = job.document(document)
    _warn_of_nothing("-", translation)
    sys.stdout.write(translation.text)


def _to_stdout(file: InputFile, job: _Job) -> None:
    if is_records(file.path):
        with _opened(file.path) as stream:
            for lines, _ in job.records(read_sources(stream, str(file.path))):
                sys.stdout.write(lines)
        return
    data, translation = job.file(file)
    _warn_of_nothing(file.name, translation)
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _warn_of_nothing(name: str, translation: DocumentTranslation) -> None:
    # Of files that go to a folder, the table counts the texts.
    if not translation.spans:
        message = f"warning: {name}: nothing in it wants translating; it stays as it is"
        errors.print(message, style="yellow", markup=False, soft_wrap=True)


def _to_folder(files: Sequence[InputFile], out: Path, job: _Job, *, force: bool) -> None:
    if not files:
        raise UsageError("stdin goes to stdout; leave out -o")
    table = Table("file", "texts", "terms", "honoured", "missing", box=None, pad_edge=False)
    with output_folder(out, force=force) as staging, (staging / TERM_LOG).open("w", encoding="utf-8") as log:
        for file in files:
            count, outcomes = _one_file(file, safe_join(staging, file.name), job, log)
            missing = outcomes["missing"]
            total = outcomes.total()
            table.add_row(file.name, str(count), str(total), str(total - missing), str(missing))
    output.print(table)
    errors.print(f"written to {out}; {out / TERM_LOG} tells what became of each term", soft_wrap=True)


def _one_file(file: InputFile, place: Path, job: _Job, log: IO[str]) -> tuple[int, Counter[str]]:
    """Translate one file to `place`; return how many texts it had and how often each term outcome came."""
    place.parent.mkdir(parents=True, exist_ok=True)
    counted: Counter[str] = Counter()
    if is_records(file.path):
        number = 0
        with _opened(file.path) as stream, place.open("w", encoding="utf-8", newline="") as target:
            for lines, outcomes in job.records(read_sources(stream, str(file.path))):
                target.write(lines)
                number += lines.count("\n")
                _log(file, outcomes, counted, log)
        return number, counted
    data, translation = job.file(file)
    place.write_bytes(data)
    _log(file, translation.outcomes, counted, log)
    return len(translation.spans), counted


def _log(file: InputFile, outcomes: Iterable[TermOutcome], counted: Counter[str], log: IO[str]) -> None:
    for outcome in outcomes:
        counted[outcome.outcome] += 1
        log.write(dump_json({"file": file.name, **outcome.as_record()}) + "\n")


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as exc:
        raise InputError(f"cannot be read ({exc.strerror})", path) from exc
