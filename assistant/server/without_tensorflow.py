"""Keeps TensorFlow out of a process that only serves; training still loads it.

Nothing in our pipeline uses TensorFlow, yet importing it takes three seconds and 350 MB. It comes in
by three ways:

- thinc/compat.py (spaCy's) imports it where it can, and does without it after an ImportError;
- rasa/utils/train_utils.py, lines 31 and 32 (3.6.21), imports two modules made of Keras classes, for
  policies and classifiers that train with Keras;
- the training graph in a model's metadata names a validator that imports DIETClassifier: see
  `assistant.server.model_storage`.
"""

import sys
import types

from assistant.errors import SetupError

STAND_INS = {
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}
"""Modules that are replaced, with the names that rasa/utils/train_utils.py takes from them."""


def keep_tensorflow_out() -> None:
    """Makes every import of TensorFlow fail; call it before Rasa or spaCy is imported.

    Raises SetupError when TensorFlow is in the process already.
    """
    if sys.modules.get("tensorflow") is not None:
        raise SetupError("TensorFlow was imported before the server could keep it out. Import it later.")
    # Python raises ModuleNotFoundError for a module that is None
    sys.modules["tensorflow"] = None  # type: ignore[assignment]
    for name, classes in STAND_INS.items():
        module = types.ModuleType(name, "A stand-in: see assistant.server.without_tensorflow.")
        vars(module).update({one: type(one, (), {}) for one in classes})
        sys.modules[name] = module
