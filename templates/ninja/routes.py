"""What the API does for users."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest
from ninja import Router

from . import schemas

if TYPE_CHECKING:
    from [= user_module =] import [= user =]

router = Router(tags=["users"])


class AuthenticatedRequest(HttpRequest):
    """A request that was let in."""

    auth: [= user =]


@router.get("/me", response=schemas.UserOut)
[= "async " if asynchronous else "" =]def me(request: AuthenticatedRequest) -> [= user =]:
    """Who is asking."""
    return request.auth
[% if editable %]


@router.patch("/me", response=schemas.UserOut)
def change_me(
    request: AuthenticatedRequest, changes: schemas.UserUpdate
) -> [= user =]:
    """Change what is given."""
    user = request.auth
    for name, value in changes.model_dump(exclude_none=True).items():
        setattr(user, name, value)
    user.full_clean()
    user.save()
    return user
[% endif %]
