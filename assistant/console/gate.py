"""What every request passes: session, role, form's token, audit; then the page.

A page is sent only when its row of the audit is written.
"""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import structlog
from jinja2 import Environment
from sanic import HTTPResponse, Request, response
from sqlalchemy.exc import SQLAlchemyError

from assistant.channels.log_entry import failure
from assistant.console.access import FULL, NOBODY
from assistant.console.session import LONGEST_SECONDS, Session, find_session, touch
from assistant.console.throttle import Throttle
from assistant.console.visit import LARGEST, UNKNOWN, Missing, Parts, Problem, Reply, Visit
from assistant.review import audit
from assistant.review.database import ReviewDatabase

Handler = Callable[..., Reply]

# As many characters as the audit's column has.
LONGEST_ADDRESS = 64

log = structlog.get_logger()


@dataclass(frozen=True)
class Route:
    """One line of the table of routes.

    Attributes:
        action: name of the route, and what the audit calls it.
        handle: gets a Visit and the numbers in the path.
        roles: of which the operator needs one; for stage FULL.
        stage: what the session must have come to.
    """

    method: str
    path: str
    action: str
    handle: Handler
    roles: frozenset[str] = frozenset()
    stage: str = FULL


class Gate:
    """Answers requests by the table of routes.

    Args:
        clock: seconds since 1970.
    """

    def __init__(
        self,
        routes: tuple[Route, ...],
        review: ReviewDatabase,
        parts: Parts,
        view: Environment,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """See class."""
        self._routes = routes
        self._review = review
        self._parts = parts
        self._view = view
        self._clock = clock
        self._throttle = Throttle()
        self.is_secure = parts.address.startswith("https://")
        # a name with this prefix is taken by browsers only over HTTPS, and from nobody else
        self.cookie_name = "__Host-staff" if self.is_secure else f"staff-{parts.settings.console_port}"

    def answer(self, route: Route, request: Request, numbers: dict[str, Any]) -> HTTPResponse:
        """Returns the answer to a request; never raises."""
        session = None
        try:
            now = self._clock()
            address = (request.remote_addr or request.ip)[:LONGEST_ADDRESS]
            with self._review.read() as connection:
                session = find_session(connection, request.cookies.get(self.cookie_name) or "", now)
            refused = self._refuse(route, request, session, address, now)
            if refused is not None:
                return refused
            if any(isinstance(one, int) and not 0 < one < LARGEST for one in numbers.values()):
                raise Missing
            reply = self._reply(route, request, session, numbers, address, now)
            if reply.status >= 400:
                self._count(route, address, now)
            return self._send(reply, session)
        except Problem as problem:
            return self.page("error.html", {"key": problem.key}, session, problem.status)
        except SQLAlchemyError as error:
            log.error("console.database.failed", action=route.action, **failure(error))
            return self.page("error.html", {"key": "database"}, session, 503)
        except Exception as error:
            log.error("console.request.failed", action=route.action, **failure(error))
            return self.page("error.html", {"key": "failed"}, session, 500)

    def _refuse(
        self, route: Route, request: Request, session: Session | None, address: str, now: float
    ) -> HTTPResponse | None:
        """Returns the answer to who may not have the page, None to who may."""
        if route.stage != FULL and self._throttle.is_full(address, now):
            return self.page("error.html", {"key": "too_many"}, None, 429)
        if route.stage == NOBODY:
            is_ours = route.method == "GET" or self._is_from_here(request)
            return None if is_ours else self._refused(route, session, "foreign", address, now)
        if session is None or session.stage != route.stage:
            return self._to_login(route, request)
        if route.stage == FULL and not route.roles & session.operator.roles:
            return self._refused(route, session, "forbidden", address, now)
        if route.method == "POST":
            token = str(request.form.get("csrf") or "")
            if not self._is_from_here(request) or not hmac.compare_digest(
                token.encode("utf-8", "replace"), session.csrf.encode()
            ):
                return self._refused(route, session, "foreign", address, now)
        return None

    def _is_from_here(self, request: Request) -> bool:
        return request.headers.get("origin") == self._parts.address

    def _to_login(self, route: Route, request: Request) -> HTTPResponse:
        if route.method == "GET" and route.stage == FULL and request.path != "/":
            target = request.path + (f"?{request.query_string}" if request.query_string else "")
            return response.redirect(f"/login?next={quote(target, safe='')}", status=303)
        return response.redirect("/login", status=303)

    def _refused(
        self, route: Route, session: Session | None, key: str, address: str, now: float
    ) -> HTTPResponse:
        self._count(route, address, now)
        self._record(route, session, Reply(result=key), address, now)
        return self.page("error.html", {"key": key}, session, 403)

    def _reply(
        self,
        route: Route,
        request: Request,
        session: Session | None,
        numbers: dict[str, Any],
        address: str,
        now: float,
    ) -> Reply:
        may_write = route.method == "POST"
        try:
            with self._review.write() if may_write else self._review.read() as connection:
                visit = Visit(request, connection, session, now, self._parts)
                reply = route.handle(visit, **numbers)
                if may_write:
                    self._note(connection, route, session, reply, address, now)
        except Problem as problem:
            self._count(route, address, now)
            self._record(route, session, Reply(about=_about(numbers), result=problem.key), address, now)
            raise
        if not may_write and (session is not None or reply.about):
            self._record(route, session, reply, address, now)
        return reply

    def _count(self, route: Route, address: str, now: float) -> None:
        """Counts a failure of somebody who is not signed in; each would write a row."""
        if route.stage != FULL:
            self._throttle.count(address, now)

    def _record(self, route: Route, session: Session | None, reply: Reply, address: str, now: float) -> None:
        with self._review.write() as connection:
            self._note(connection, route, session, reply, address, now)

    def _note(
        self, connection: Any, route: Route, session: Session | None, reply: Reply, address: str, now: float
    ) -> None:
        if session is not None:
            touch(connection, session, now)
        actor = reply.actor or (session.operator.login if session is not None else UNKNOWN)
        audit.record(connection, actor, route.action, reply.about, now, reply.detail, address, reply.result)

    def _send(self, reply: Reply, session: Session | None) -> HTTPResponse:
        if reply.location:
            sent = response.redirect(reply.location, status=303)
        elif reply.file is not None:
            name, content = reply.file
            disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
            sent = response.text(content, headers=disposition, content_type="text/csv; charset=utf-8")
        else:
            sent = self.page(reply.template, reply.values, session, reply.status)
        if reply.cookie is not None:
            self._set_cookie(sent, reply.cookie)
        return sent

    def _set_cookie(self, sent: HTTPResponse, secret: str) -> None:
        sent.cookies[self.cookie_name] = secret
        cookie = sent.cookies[self.cookie_name]
        cookie["path"] = "/"
        cookie["httponly"] = True
        cookie["samesite"] = "Lax"
        cookie["max-age"] = int(LONGEST_SECONDS) if secret else 0
        if self.is_secure:
            cookie["secure"] = True

    def page(
        self, template: str, values: dict[str, Any], session: Session | None, status: int
    ) -> HTTPResponse:
        """Returns a template as HTML, with what every page needs."""
        signed_in = session is not None and session.stage == FULL
        roles = session.operator.roles if session is not None and signed_in else frozenset()
        allowed = {route.action for route in self._routes if route.roles & roles}
        shown = self._view.get_template(template).render(
            csrf=session.csrf if session is not None else "",
            me=session.operator if signed_in and session is not None else None,
            may=allowed.__contains__,
            **values,
        )
        return response.html(shown, status=status)


def _about(numbers: dict[str, Any]) -> str:
    return " ".join(f"{name}:{value}" for name, value in numbers.items() if isinstance(value, int))
