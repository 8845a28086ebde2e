import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from retrieval.encoders import HashingEncoder, can_read, encode_all, load_encoder
from retrieval.errors import UnknownName, WeightsError
from retrieval.minilm import TorchEncoder
from retrieval.rerankers import load_reranker
from retrieval.schema import Encoder


def test_an_unknown_name_lists_the_valid_ones() -> None:
    with pytest.raises(UnknownName, match="all-minilm-l6-v2, hashing"):
        load_encoder("word2vec")
    with pytest.raises(UnknownName, match="none"):
        load_reranker("magic")


def test_no_reranker_is_none() -> None:
    assert load_reranker("none") is None


def test_a_folder_without_a_model_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="shelftalk setup"):
        load_encoder("all-minilm-l6-v2", tmp_path)


def test_hashed_vectors_are_unit_and_repeatable() -> None:
    encoder = load_encoder("hashing")
    texts = ["red boots", "", "🎧", "Boots, RED!"]
    vectors = encoder.encode(texts)
    assert vectors.shape == (4, encoder.dimension) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert np.array_equal(vectors[0], vectors[3])
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_many_texts_keep_their_order_and_report_progress() -> None:
    texts = [("word " * (number % 37)) + str(number) for number in range(300)]
    reports: list[int] = []
    vectors = encode_all(HashingEncoder(), texts, reports.append)
    assert np.allclose(vectors, HashingEncoder().encode(texts))
    assert reports[-1] == 300 and reports == sorted(reports)


def test_an_encoder_that_does_not_say_reads_everything() -> None:
    class Silent:
        name, dimension = "silent", 1

        def encode(self, texts: object) -> np.typing.NDArray[np.float32]:
            return np.ones((1, 1), dtype=np.float32)

    assert can_read(Silent(), "登山靴") and not can_read(HashingEncoder(), "登山靴")


def test_minilm_knows_meaning(minilm: Encoder) -> None:
    couch, sofa, drill = minilm.encode(["a comfortable couch", "soft sofa for the living room", "cordless drill"])
    assert couch @ sofa > couch @ drill + 0.2
    assert np.isclose(np.linalg.norm(couch), 1, atol=1e-5) and couch.dtype == np.float32
    assert minilm.dimension == 384 and minilm.encode([]).shape == (0, 384)
    assert not can_read(minilm, "登山靴")


def test_both_runtimes_give_the_same_vectors(minilm: Encoder, minilm_folder: Path) -> None:
    texts = ["red boots", "", "word " * 400, 'Déjà vu, 15.6" laptop sleeve', "x", "登山靴 with studs"]
    torch = TorchEncoder(minilm_folder)
    assert type(minilm) is not TorchEncoder and minilm.name == torch.name
    one_by_one = np.concatenate([minilm.encode([text]) for text in texts])
    for vectors in (minilm.encode(texts), one_by_one):
        assert ((vectors * torch.encode(texts)).sum(axis=1) > 0.999).all()


def test_many_threads_may_share_the_encoder(minilm: Encoder) -> None:
    texts = [f"boots number {number} " + "with studs " * (number % 9) for number in range(40)]
    alone = minilm.encode(texts)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda number: minilm.encode([texts[number]])[0], range(40)))
    assert ((np.array(together) * alone).sum(axis=1) > 0.999).all()


def test_the_converted_model_is_kept_and_loads_without_torch(minilm: Encoder, minilm_folder: Path) -> None:
    assert (minilm_folder / "openvino" / f"{minilm.name}.xml").is_file()
    code = "import sys; from pathlib import Path; from retrieval.encoders import load_encoder; "
    code += "load_encoder('all-minilm-l6-v2', Path(sys.argv[1])).encode(['boots']); sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code, str(minilm_folder)], check=True)


def test_a_damaged_model_names_the_command(minilm_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(minilm_folder, folder, ignore=shutil.ignore_patterns("openvino"))
    (folder / "tokenizer.json").write_text("{")
    with pytest.raises(WeightsError, match="shelftalk setup"):
        load_encoder("all-minilm-l6-v2", folder)
