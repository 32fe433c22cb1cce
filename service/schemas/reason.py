"""The shape of a change that replaces or removes something, as the body of a request or, of DELETE, its query."""

from service.schemas import StrictSchema
from service.schemas.fields import Reason


class ReasonRequestSchema(StrictSchema):
    """The reason of a change."""

    body_optional = True

    reason = Reason()
