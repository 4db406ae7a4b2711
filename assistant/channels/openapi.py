"""The description of the chat API for programs, in OpenAPI 3.1; its words are in `openapi.yaml`."""

from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("openapi.yaml")


def openapi_document() -> dict[str, Any]:
    """Reads the file; raises OSError or yaml.YAMLError."""
    document: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return document
