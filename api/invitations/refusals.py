"""Why a link cannot be used: one class each, said to the person who opened it."""

from api.problems import Problem


class InvitationUnknown(Problem):
    """No link holds this token."""

    status = 404
    code = "invitation_unknown"
    title = "This link is not complete"
    next_step = "Copy the whole link from your message, or ask your examiner for a new one."


class InvitationUsed(Problem):
    """Its one use is over."""

    status = 410
    code = "invitation_used"
    title = "This link was used already"
    next_step = (
        "Sign in with the password that was set with it. If it was not you who set it, tell your "
        "examiner at once."
    )


class InvitationExpired(Problem):
    """It was not used in time."""

    status = 410
    code = "invitation_expired"
    title = "This link has expired"
    next_step = "Ask your examiner for a new one."


class InvitationReplaced(Problem):
    """A newer one was made for the same person."""

    status = 410
    code = "invitation_replaced"
    title = "A newer link was made for you"
    next_step = "Use the newest link you got, or ask your examiner for another one."


class InvitationBlocked(Problem):
    """The person it was made for may not sign in."""

    status = 410
    code = "invitation_blocked"
    title = "Your access is switched off"
    next_step = "Talk to your examiner."
