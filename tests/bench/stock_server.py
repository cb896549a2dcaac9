"""A stock Rasa 3.6 server, run in `.venv-nlu`: `python -m tests.bench.stock_server run ...` is `rasa run ...`.

Nothing of ours is in it but what lets Rasa be imported without TensorFlow; the model brings its own components.
"""

import sys

from bot.nlu import no_tensorflow

if __name__ == "__main__":
    no_tensorflow.install()
    from rasa.__main__ import main

    sys.argv[0] = "rasa"
    main()
