"""What the API takes and gives."""

from __future__ import annotations

[% if not known %]
from typing import TYPE_CHECKING

[% endif %]
from ninja import Schema
[% if not known %]

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
[% endif %]


class UserOut(Schema):
    """A user, as the API shows one."""

[% for field in shown %]
    [= field.name =]: str[= " | None" if field.null else "" =]
[% endfor %]
[% if not known %]

    @staticmethod
    def resolve_username(user: AbstractBaseUser) -> str:
        # Whatever USERNAME_FIELD is.
        return str(user.get_username())
[% endif %]
[% if editable %]


class UserUpdate(Schema):
    """What users may change of themselves. What is null or left out stays as it is."""

[% for field in editable %]
    [= field.name =]: str | None = None
[% endfor %]
[% endif %]
