"""What a write to the conversation log may end in."""


class StorageFailed(Exception):
    """Neither the database nor the disk takes what was to be written."""


class ConversationErased(Exception):
    """The conversation was erased; nothing may be written to it any more."""
