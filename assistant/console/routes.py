"""The table of routes: who may do what."""

from assistant.console import (
    page_account,
    page_audit,
    page_correct,
    page_inbox,
    page_insight,
    page_login,
    page_privacy,
    page_queue,
)
from assistant.console import page_conversation as talk
from assistant.console.access import (
    ADMINS,
    AUDITORS,
    EDITORS,
    ENROL,
    EVERY_ROLE,
    NOBODY,
    PASSWORD,
    PRIVACY_OFFICERS,
    READERS,
    REVIEWERS,
)
from assistant.console.gate import Route

_ONE = "/conversations/<number:int>"

ROUTES = (
    # signing in
    Route("GET", "/login", "login", page_login.show_login, stage=NOBODY),
    Route("POST", "/login", "login", page_login.log_in, stage=NOBODY),
    Route("GET", "/login/code", "login.code", page_login.show_code, stage=PASSWORD),
    Route("POST", "/login/code", "login.code", page_login.check_code, stage=PASSWORD),
    Route("GET", "/welcome/<secret:str>", "welcome", page_login.show_welcome, stage=NOBODY),
    Route("POST", "/welcome/<secret:str>", "welcome", page_login.accept_welcome, stage=NOBODY),
    Route("GET", "/enrol", "enrol", page_login.show_enrol, stage=ENROL),
    Route("POST", "/enrol", "enrol", page_login.enrol, stage=ENROL),
    Route("POST", "/logout", "logout", page_login.log_out, EVERY_ROLE),
    # one's own account
    Route("GET", "/account", "account", page_account.show_own, EVERY_ROLE),
    Route("POST", "/account/password", "account.password", page_account.change_password, EVERY_ROLE),
    Route("POST", "/account/codes", "account.codes", page_account.new_codes, EVERY_ROLE),
    Route("POST", "/account/sessions", "account.session", page_account.end_own_session, EVERY_ROLE),
    # what is to be done
    Route("GET", "/", "home", page_queue.show_home, EVERY_ROLE),
    Route("GET", "/queues/<name:str>", "queue", page_queue.show_queue, READERS),
    Route("POST", "/items/<number:int>/done", "queue.done", page_queue.finish, REVIEWERS),
    Route("POST", "/items/<number:int>/reopen", "queue.reopen", page_queue.reopen, REVIEWERS),
    Route("GET", "/groups", "groups", page_queue.show_groups, READERS),
    Route("GET", "/groups/<number:int>", "group", page_queue.show_group, READERS),
    Route("POST", "/groups/<number:int>", "group.state", page_queue.set_group_state, REVIEWERS),
    Route("GET", "/due", "due", page_queue.show_due, READERS),
    Route("GET", "/correct/<name:str>", "correct", page_correct.show, REVIEWERS),
    Route("POST", "/correct/<name:str>", "correct", page_correct.correct, REVIEWERS),
    Route("GET", "/corrections", "corrections", page_correct.list_proposed, REVIEWERS),
    Route("POST", "/corrections/<number:int>", "correction.decide", page_correct.decide, EDITORS),
    # conversations
    Route("GET", "/conversations", "inbox", page_inbox.list_conversations, READERS),
    Route("POST", "/filters", "filter.save", page_inbox.save_filter, READERS),
    Route("POST", "/filters/<number:int>/delete", "filter.delete", page_inbox.delete_filter, READERS),
    Route("GET", "/search", "search", page_inbox.show_search, READERS),
    Route("POST", "/search", "search.begin", page_inbox.begin_search, READERS),
    Route("GET", _ONE, "conversation", talk.show, READERS),
    Route("GET", f"{_ONE}/next", "conversation.next", talk.go_to_next, READERS),
    Route("POST", f"{_ONE}/review", "conversation.review", talk.mark_reviewed, REVIEWERS),
    Route("POST", f"{_ONE}/unreview", "conversation.unreview", talk.unmark_reviewed, REVIEWERS),
    Route("POST", f"{_ONE}/flag", "conversation.flag", talk.flag, REVIEWERS),
    Route("POST", f"{_ONE}/assign", "conversation.assign", talk.assign, REVIEWERS),
    Route("POST", f"{_ONE}/tags", "conversation.tags", talk.set_tags, REVIEWERS),
    Route("POST", f"{_ONE}/notes", "conversation.note", talk.add_note, REVIEWERS),
    Route(
        "POST", f"{_ONE}/notes/<note:int>/delete", "conversation.note.delete",
        talk.remove_note, REVIEWERS,
    ),
    Route("GET", f"{_ONE}/correct/<seq:int>", "conversation.correct", page_correct.show_one, REVIEWERS),
    Route("POST", f"{_ONE}/correct/<seq:int>", "conversation.correct", page_correct.correct_one, REVIEWERS),
    # counts
    Route("GET", "/insights", "insights", page_insight.show, READERS),
    Route("GET", "/insights/<name:str>", "insights.file", page_insight.send_csv, READERS),
    # privacy
    Route("POST", f"{_ONE}/hold", "conversation.hold", talk.hold, PRIVACY_OFFICERS),
    Route("GET", f"{_ONE}/erase", "conversation.erase", page_privacy.ask, PRIVACY_OFFICERS),
    Route("POST", f"{_ONE}/erase", "conversation.erase", page_privacy.erase, PRIVACY_OFFICERS),
    Route("GET", "/erasures", "erasures", page_privacy.list_receipts, PRIVACY_OFFICERS),
    Route("GET", "/erasures/<number:int>", "erasure", page_privacy.show_receipt, PRIVACY_OFFICERS),
    Route("GET", "/audit", "audit", page_audit.show, AUDITORS | PRIVACY_OFFICERS),
    # accounts
    Route("GET", "/accounts", "accounts", page_account.show_all, ADMINS),
    Route("POST", "/accounts", "accounts.create", page_account.create, ADMINS),
    Route("POST", "/accounts/<number:int>/roles", "accounts.roles", page_account.change_roles, ADMINS),
    Route("POST", "/accounts/<number:int>/link", "accounts.link", page_account.renew, ADMINS),
    Route("POST", "/accounts/<number:int>/end", "accounts.end", page_account.end, ADMINS),
    Route("POST", "/accounts/<number:int>/reopen", "accounts.reopen", page_account.reopen, ADMINS),
    Route("POST", "/accounts/<number:int>/sessions", "accounts.sessions", page_account.end_sessions, ADMINS),
)  # fmt: skip
