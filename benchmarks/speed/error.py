"""What can keep a figure from being measured."""

from assistant.errors import MesoGuideError


class MeasureError(MesoGuideError):
    """Something could not be measured; the text says what, and what was seen."""


class RefusedSettingError(MeasureError):
    """The server does not know a setting that a measurement needs."""
