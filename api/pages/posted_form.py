"""What pages get from forms, and where whoever sent one goes afterwards."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse


async def posted_form(request: Request) -> FormData:
    """Return the form; it was read, within bounds, when its CSRF token was checked."""
    return await request.form()


PostedForm = Annotated[FormData, Depends(posted_form)]
"""A form whose fields are many and named by what they are about, as a parameter of a route;
forms with few fields name them."""


def see_other(address: str) -> RedirectResponse:
    """Send the browser on with GET, so that loading the page again sends no form twice."""
    return RedirectResponse(address, status_code=303)
