"""A form whose fields are many and named by what they are about."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData


async def posted_form(request: Request) -> FormData:
    """Return the form; it was read, within bounds, when its CSRF token was checked."""
    return await request.form()


PostedForm = Annotated[FormData, Depends(posted_form)]
"""The form, as a parameter of a route; forms with few fields name them."""
