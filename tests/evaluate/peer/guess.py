"""Names the intents of texts with a trained model; runs in either Rasa environment.

    python -m tests.evaluate.peer.guess --model MODEL --out FILE [--ours] < tested.jsonl

Writes one JSON object a text: the likeliest intent before any fallback, and the milliseconds it took.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

FALLBACK = "nlu_fallback"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.evaluate.peer.guess")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--ours", action="store_true", help="the model was trained without TensorFlow")
    options = parser.parse_args()
    if options.ours:
        from bot.nlu import no_tensorflow

        no_tensorflow.install()
    from rasa.core.agent import Agent

    agent = Agent.load(str(options.model))
    texts = [json.loads(line)["text"] for line in sys.stdin]
    guesses = asyncio.run(_guesses(agent, texts))
    options.out.write_text("".join(json.dumps(guess) + "\n" for guess in guesses), "utf-8")
    return 0


async def _guesses(agent: Any, texts: list[str]) -> list[dict[str, Any]]:
    found = []
    for text in texts:
        began = time.monotonic()
        parse = await agent.parse_message(text)
        took = time.monotonic() - began
        likeliest = [ranked["name"] for ranked in parse["intent_ranking"] if ranked["name"] != FALLBACK]
        found.append({"intent": likeliest[0] if likeliest else None, "ms": took * 1000.0})
    return found


if __name__ == "__main__":
    sys.exit(main())
