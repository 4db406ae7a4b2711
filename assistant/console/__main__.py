"""The command line: `python -m assistant.console [serve | verify-audit | link LOGIN]`."""

import argparse
import os
import sys
import time
from pathlib import Path

from assistant.errors import MesoGuideError, SettingsError
from assistant.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m assistant.console", description=__doc__)
    parser.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("serve", help="start the console (the default)")
    commands.add_parser("verify-audit", help="compute all hashes of the audit anew")
    link = commands.add_parser("link", help="print a link with which somebody sets password and app anew")
    link.add_argument("login")
    options = parser.parse_args(arguments)
    os.chdir(ROOT)
    try:
        settings = Settings.from_environment(ROOT)
        if options.command == "verify-audit":
            return _verify_audit(settings)
        if options.command == "link":
            return _link(settings, options.login)
        _serve(settings, options.ready_fd)
    except MesoGuideError as error:
        print(f"mesoguide: {error}", file=sys.stderr)
        return 1
    return 0


def _serve(settings: Settings, ready_fd: int | None) -> None:
    from assistant.console.serve import serve
    from assistant.server.logs import configure_logs
    from assistant.server.parent import end_with_parent

    if not settings.console_port:
        raise SettingsError("MESOGUIDE_CONSOLE_PORT is 0, which means no console. Choose a port.")
    if ready_fd is not None:
        end_with_parent()
    configure_logs()
    serve(settings, ready_fd)


def _verify_audit(settings: Settings) -> int:
    from assistant.console.serve import open_review
    from assistant.review import audit

    review = open_review(settings)
    with review.read() as connection:
        checked = audit.verify(connection)
    review.close()
    if checked.wrong is not None:
        print(f"Row {checked.wrong} of the audit was changed, or rows before it were taken away.")
        return 1
    print(f"{checked.rows:,} rows, none changed. Newest hash, to be kept elsewhere: {checked.head}")
    return 0


def _link(settings: Settings, login: str) -> int:
    """For when nobody can sign in any more; whoever runs the server may do it, and the audit says so."""
    from assistant.console import account
    from assistant.console.serve import address_of, open_review
    from assistant.review import audit

    review = open_review(settings)
    now = time.time()
    with review.write() as connection:
        row = account.lock_login(connection, login)
        if row is None or row.disabled_at is not None:
            names = ", ".join(one.login for one in account.list_operators(connection)) or "none"
            raise SettingsError(f"There is no open account {login!r}. Accounts are: {names}.")
        account.end_access(connection, row.id)
        secret = account.invite(connection, row.id, now)
        audit.record(connection, "command line", "accounts.link", f"operator:{row.login}", now)
    review.close()
    print(f"{address_of(settings)}/welcome/{secret}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
