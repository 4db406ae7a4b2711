"""Trains the Rasa model: `python -m assistant.server.training ROOT FILE`."""

import ctypes
import os
import signal
import sys
from pathlib import Path

DATA_FOLDERS = ("nlu", "rules", "stories")


def main(root: str, file: str) -> int:
    """Trains from ROOT and writes ROOT/models/FILE; returns an exit code.

    Only the folders of training data are handed over: Rasa would open every
    file under data/. Training is always forced, because Rasa's own cache does
    not see changed weights, lookups or shared code (our stamps do).
    """
    _end_with_parent()
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


def _end_with_parent() -> None:
    """Lets a stopped build leave no training behind; Linux only (prctl, PR_SET_PDEATHSIG)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
