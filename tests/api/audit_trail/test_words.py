"""Whatever can stand in the record has words."""

import re
from pathlib import Path
from typing import get_args

from api.audit_trail.groups import GROUPS, AuditGroup
from api.audit_trail.names import KINDS
from api.audit_trail.wording import ACTIONS, GROUP_TITLES
from models.audit_actions import AuditAction

ROOT = Path(__file__).parents[3]

BY_NAME = {"exm", "sub", "usr", "cli"}
"""What is called by its own name."""

NOT_IN_THE_RECORD = "aev ans cho con dlv evt inv job qst rcp rep rsc req sgn tpl trn ver"
"""What no entry is about; what happens to it stands under what it belongs to."""


def sources() -> dict[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text()
        for package in ("api", "models", "worker")
        for path in (ROOT / package).rglob("*.py")
    }


def test_every_action_has_words_and_is_written_somewhere() -> None:
    actions = set(get_args(AuditAction))
    assert set(ACTIONS) == actions
    listing = {
        "models/audit_actions.py",
        "api/audit_trail/groups.py",
        "api/audit_trail/wording.py",
    }
    code = "".join(text for name, text in sources().items() if name not in listing)
    assert [action for action in sorted(actions) if f'"{action}"' not in code] == []


def test_every_action_answers_a_question_and_every_question_has_a_title() -> None:
    assert {action for actions in GROUPS.values() for action in actions} == set(
        get_args(AuditAction)
    )
    assert set(GROUPS) == set(GROUP_TITLES) == set(AuditGroup)
    assert all(len(set(actions)) == len(actions) for actions in GROUPS.values())


def test_every_kind_of_thing_has_a_word_or_never_stands_in_the_record() -> None:
    given = set(re.findall(r'new_id\("(\w+)"', "".join(sources().values())))
    assert given - {*NOT_IN_THE_RECORD.split()} == (set(KINDS) | BY_NAME) - {"aud", "mai"}
