"""Finds the rules that may apply by their last turn, not by trying them all."""

from collections import defaultdict
from typing import Any

from rasa.core.policies import rule_policy
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from assistant.turn.plain_rules import PlainRules

Turn = tuple[str | None, str | None]
"""Previous action and intent of a rule's last turn; None where the rule does not fix them."""


class RulePolicy(rule_policy.RulePolicy):
    """Predicts what Rasa's RulePolicy does; has its name, because the name is stored with events.

    Replaces two methods of rasa/core/policies/rule_policy.py (3.6.21), for a process that serves:

    - `_get_possible_keys` (line 913) tries each of our 200 rules on each prediction;
    - `_find_action_from_rules` (line 990) is called twice, first with the message's text in place
      of its intent, although no rule of ours could match that way, and each time replays the
      conversation to see what its last two turns tell.
    """

    _by_turn: dict[int, dict[Turn, dict[str, str]]] | None = None
    _text_can_match: bool | None = None
    _plain: PlainRules | None = None

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        if not states:
            return super()._get_possible_keys(lookup, states)
        action, intent = _fixed(states[-1])
        by_turn = self._index(lookup)
        candidates: dict[str, str] = {}
        for turn in {(action, intent), (action, None), (None, intent), (None, None)}:
            candidates.update(by_turn.get(turn, {}))
        return super()._get_possible_keys(candidates, states)

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input and not self._matches_text():
            # the second value is read only where there is a first
            return None, None, False
        key = self._find_plain(tracker, domain)
        if key is not None:
            return self.lookup[rule_policy.RULES][key], key, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _find_plain(self, tracker: DialogueStateTracker, domain: Domain) -> str | None:
        """Returns the rule that applies where none but plain ones could, None to have Rasa look for it."""
        if self._plain is None:
            has_loops = bool(domain.form_names or self.lookup.get(rule_policy.RULES_FOR_LOOP_UNHAPPY_PATH))
            rules = None if has_loops else PlainRules.read(self.lookup.get(rule_policy.RULES) or {})
            self._plain = rules or PlainRules({}, {})
        return None if tracker.active_loop else self._plain.find(tracker)

    def _index(self, lookup: dict[str, str]) -> dict[Turn, dict[str, str]]:
        """Returns the rules by their last turn; made at the first prediction, as rules do not change."""
        if self._by_turn is None:
            self._by_turn = {
                id(rules): self._sorted_by_turn(rules)
                for name in (rule_policy.RULES, rule_policy.RULES_FOR_LOOP_UNHAPPY_PATH)
                if (rules := self.lookup.get(name)) is not None
            }
        found = self._by_turn.get(id(lookup))
        return self._sorted_by_turn(lookup) if found is None else found

    def _sorted_by_turn(self, lookup: dict[str, str]) -> dict[Turn, dict[str, str]]:
        by_turn: dict[Turn, dict[str, str]] = defaultdict(dict)
        for key, action in lookup.items():
            by_turn[self._last_turn(key)][key] = action
        return by_turn

    def _last_turn(self, key: str) -> Turn:
        states = self._rule_key_to_state(key)
        # a rule for the start of a conversation applies there whatever else it names
        if not states or not states[-1].get(PREVIOUS_ACTION):
            return None, None
        return _fixed(states[-1])

    def _matches_text(self) -> bool:
        """Returns whether a rule may apply where the intent is left open."""
        if self._text_can_match is None:
            rules = self.lookup.get(rule_policy.RULES) or {}
            self._text_can_match = bool(self.lookup.get(rule_policy.RULES_FOR_LOOP_UNHAPPY_PATH)) or any(
                self._last_turn(key)[1] is None for key in rules
            )
        return self._text_can_match


def _fixed(state: State) -> Turn:
    return _name(state, PREVIOUS_ACTION, ACTION_NAME), _name(state, USER, INTENT)


def _name(state: State, part: str, key: str) -> str | None:
    value: Any = (state.get(part) or {}).get(key)
    return value if isinstance(value, str) and value and value != SHOULD_NOT_BE_SET else None
