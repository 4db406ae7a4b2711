"""Who may do what: roles, and the stages of a session."""

VIEWER, REVIEWER, EDITOR = "viewer", "reviewer", "knowledge_editor"
PRIVACY, AUDITOR, ADMIN = "privacy_officer", "auditor", "admin"
ROLES = (VIEWER, REVIEWER, EDITOR, PRIVACY, AUDITOR, ADMIN)

# Those who may read conversations, change what belongs to them, approve corrections.
READERS = frozenset((VIEWER, REVIEWER, EDITOR, PRIVACY))
REVIEWERS = frozenset((REVIEWER, EDITOR, PRIVACY))
EDITORS = frozenset((EDITOR,))
PRIVACY_OFFICERS = frozenset((PRIVACY,))
AUDITORS = frozenset((AUDITOR,))
ADMINS = frozenset((ADMIN,))
EVERY_ROLE = frozenset(ROLES)

# What the first account may do: often one person does all, but who makes accounts does not audit them.
FIRST_ROLES = (REVIEWER, EDITOR, PRIVACY, ADMIN)

# Stages of a session: no session is asked for; the password was right; the second factor is to be set up;
# signed in.
NOBODY, PASSWORD, ENROL, FULL = "nobody", "password", "enrol", "full"


def are_allowed(roles: frozenset[str]) -> bool:
    """Returns whether one person may have these roles: some, known, and not admin and auditor at once."""
    return bool(roles) and roles <= EVERY_ROLE and not {ADMIN, AUDITOR} <= roles
