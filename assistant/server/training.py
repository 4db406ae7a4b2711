"""Trains the Rasa model: `python -m assistant.server.training ROOT FILE`."""

import os
import signal
import sys
from pathlib import Path

from assistant.server.parent import end_with_parent

DATA_FOLDERS = ("nlu", "rules", "stories")


def main(root: str, file: str) -> int:
    """Trains from ROOT and writes ROOT/models/FILE; returns an exit code.

    Only the folders of training data are handed over: Rasa would open every
    file under data/. Training is always forced, because Rasa's own cache does
    not see changed weights, lookups or shared code (our stamps do).
    """
    # a stopped build leaves no training behind
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    end_with_parent(signal.SIGKILL)
    import rasa.model_training

    from assistant.server.uncached_training import leave_cache_out

    leave_cache_out()

    os.chdir(root)
    folders = [Path("data") / name for name in DATA_FOLDERS]
    result = rasa.model_training.train(
        domain="domain.yml",
        config="config.yml",
        training_files=[str(folder) for folder in folders if any(folder.glob("*.yml"))],
        output="models",
        force_training=True,
        fixed_model_name=file.removesuffix(".tar.gz"),
    )
    return result.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
