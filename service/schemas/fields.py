"""Fields that take nothing else for what they are: 1 is not true, "1" and true are no numbers, NUL is in no text."""

from typing import Any

from marshmallow import ValidationError, fields

from service.db.audit_log import MAX_REASON, check_reason
from service.errors import ReasonError
from training.data.validation import is_printable_text

# Neither controls, but for white space, nor halves of surrogate pairs, which JSON can tell but no database keeps.
_CONTROLS = r"\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f"
READABLE = f"^[^{_CONTROLS}]*$"
NOT_BLANK = rf"^[^{_CONTROLS}]*[^\s{_CONTROLS}][^{_CONTROLS}]*$"


class PrintableString(fields.String):
    """A text that can be read and kept."""

    def __init__(self, *, metadata: dict[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": READABLE} | (metadata or {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_printable_text(text):
            raise ValidationError("Leave out control characters.")
        return text


class Reason(PrintableString):
    """Why something is replaced or removed. Unless it is `required`, it may be left out or blank."""

    def __init__(self, *, required: bool = True) -> None:
        shape = {"minLength": 1, "pattern": NOT_BLANK} if required else {}
        super().__init__(
            required=required,
            error_messages=dict.fromkeys(("required", "null"), str(ReasonError(MAX_REASON))),
            metadata={"description": "Why. Stored in the audit log.", "maxLength": MAX_REASON, **shape},
            **({} if required else {"load_default": ""}),
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not (self.required or text.strip()):
            return ""
        try:
            return check_reason(text)
        except ReasonError as error:
            raise ValidationError(str(error)) from error


class PassThrough(fields.Nested):
    """A value that marshmallow only documents: it comes through as it was sent, null too, for the core to read."""

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """The value as it is."""
        return value


class StrictBoolean(fields.Boolean):
    """true or false."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, bool):
            return value
        raise self.make_error("invalid", input=value)


class StrictInteger(fields.Integer):
    """A number without fraction; 1.0 is one, as in JSON Schema."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool | str) or (isinstance(value, float) and not value.is_integer()):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)
