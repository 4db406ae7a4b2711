"""The command line: `python -m assistant.server build | serve`; `worker` and `projector` are for `serve`."""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from assistant.errors import MesoGuideError
from assistant.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m assistant.server", description=__doc__)
    parser.add_argument("command", choices=["build", "serve", "worker", "projector"])
    parser.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    command = options.command
    os.chdir(ROOT)
    # Rasa's telemetry stays off; what it imports does not fill the screen with its own affairs
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _stop_at_once)
    try:
        settings = Settings.from_environment(ROOT)
        if command == "build":
            _build(settings)
        elif command == "serve":
            return _serve(settings)
        elif options.ready_fd is None:
            parser.error(f"{command} is started by serve")
        elif command == "worker":
            _work(settings, options.ready_fd)
        else:
            _project(settings, options.ready_fd)
    except MesoGuideError as error:
        print(f"mesoguide: {error}", file=sys.stderr)
        return 1
    return 0


def _stop_at_once(number: int, _: FrameType | None) -> None:
    """Ends the process while it still builds or loads.

    An exception would not do: raised inside an import or a collection of
    garbage it is printed and lost, and the start goes on. Sanic sets handlers
    of its own once it serves.
    """
    os.write(2, b"mesoguide: stopped\n")
    os._exit(128 + number)


def _build(settings: Settings) -> None:
    from assistant.server.build import build
    from assistant.server.steps import build_steps

    build(build_steps(settings), settings.root / "models" / "stamps.json", _report)


def _serve(settings: Settings) -> int:
    from assistant.server.supervisor import Supervisor

    return Supervisor(settings, _report).run()


def _work(settings: Settings, ready_fd: int) -> None:
    from assistant.server.serve import serve

    serve(settings, ready_fd)


def _project(settings: Settings, ready_fd: int) -> None:
    from assistant.server.projecting import project

    project(settings, ready_fd)


def _report(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
