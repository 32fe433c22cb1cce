"""Plain requests for scores, answered around Flask: what it does before and after an endpoint takes longer than a score.

A request is plain if it is a POST of JSON to /v1/scores without a key, and without a query but for `fields`. All else, and
whatever turns out not to be answered with scores alone, goes to Flask as if it had never been here: so there is one set of
problems, and tests hold both ways to the same answers.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask

from service import headers, limits, telemetry
from service.answers import ALL, Answer, Answers
from service.around import put_around
from service.errors import TooManyRequestsError
from service.given import NO_JSON, texts_of
from service.limits import RateLimit
from service.members import MEMBERS, chosen
from service.services import Services
from service.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PATH = "/v1/scores"
# In the environ of a request that is to be answered without waiting for anything, or not at all: those that wait with it.
AT_ONCE = "exoscore.at_once"
_JSON = "application/json"


class Asked(NamedTuple):
    """What a request for scores asks: its query and its body."""

    query: str
    body: bytes


class Together:
    """Requests that wait together: when the first is answered, the answers to all of them are found."""

    def __init__(self, asked: Sequence[Asked]) -> None:
        self.asked = asked
        self.answers: Mapping[Asked, Answer] | None = None


class NotAtOnceError(Exception):
    """The answer to this request may have to wait; nothing of it was done."""


def at_once(settings: Settings) -> bytes:
    """How those requests begin that may be answered without waiting; empty where there are none: requests that need a key, or
    are counted by Redis, wait for an answer."""
    return b"" if settings.require_key or settings.redis_url else f"POST {PATH}".encode("ascii")


def init_app(app: Flask, services: Services, limit: RateLimit | None) -> None:
    """Answers plain requests to `app` where no key is required; before what is around every request is put around it."""
    if services.settings.require_key:
        return
    inner = app.wsgi_app

    def otherwise(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if AT_ONCE in environ:
            raise NotAtOnceError
        return inner(environ, start_response)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        told = _told(environ.get("QUERY_STRING", ""))
        if told is None or not _is_plain(environ):
            return otherwise(environ, start_response)
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        found = _scored(services, Asked(environ.get("QUERY_STRING", ""), body), told, environ.get(AT_ONCE))
        counted: list[tuple[str, str]] = []
        if found is None or not _admitted(limit, environ, counted):
            environ["wsgi.input"] = io.BytesIO(body)
            return otherwise(environ, start_response)
        services.scored(found.counted)
        environ[headers.EXTRA] += counted
        environ[telemetry.ROUTE] = PATH
        start_response("200 OK", [("Content-Type", _JSON), ("Content-Length", str(len(found.body)))])
        return (found.body,)

    put_around(app, answer)


def _is_plain(environ: WSGIEnvironment) -> bool:
    asked = environ.get
    return (
        asked("PATH_INFO") == PATH
        and asked("REQUEST_METHOD") == "POST"
        and asked("CONTENT_TYPE") == _JSON
        and not asked("SCRIPT_NAME")
        and "HTTP_AUTHORIZATION" not in environ
        and (length := asked("CONTENT_LENGTH", "")).isdecimal()
        and int(length) <= limits.MAX_BODY_BYTES
    )


@lru_cache(256)
def _told(query: str) -> tuple[str, ...] | None:
    """The members that a query asks for; None where it asks for anything else, or in another spelling."""
    if not query:
        return ALL
    name, _, names = query.partition("=")
    told = names.split(",")
    return chosen(only=told) if name == "fields" and set(told) <= set(MEMBERS) else None


def _scored(services: Services, asked: Asked, told: tuple[str, ...], together: Together | None) -> Answer | None:
    """The scores of all candidates of a body; None where it is not plain, or not all of it can be scored."""
    try:
        scorer = services.registry.at_hand() if together else services.registry.scorer()
        if scorer is None:
            return None
        writer = services.writers.of(scorer)
        if together and len(together.asked) > 1:
            if together.answers is None:
                together.answers = _answers(writer, together.asked)
            if found := together.answers.get(asked):
                return found
        texts = texts_of(asked.body)
        return None if texts is None else writer.answer_to_texts(texts, told=told)
    except Exception:  # whatever it is, a defect too, Flask meets it again and tells it as it tells every error
        return None


def _answers(writer: Answers, asked: Iterable[Asked]) -> Mapping[Asked, Answer]:
    """The answers to several requests, but for those that are not plain or not of good candidates alone."""
    texts_by_told: dict[tuple[str, ...], dict[Asked, Sequence[bytes]]] = {}
    for one in asked:
        if (told := _told(one.query)) and (texts := texts_of(one.body)):
            texts_by_told.setdefault(told, {})[one] = texts
    found: dict[Asked, Answer] = {}
    for told, texts_of_asked in texts_by_told.items():
        # Where one text turns out to be no JSON, each is answered by itself.
        with suppress(*NO_JSON):
            answers = writer.answers_to_texts(list(texts_of_asked.values()), told)
            found |= {one: answer for one, answer in zip(texts_of_asked, answers, strict=True) if answer}
    return found


def _admitted(limit: RateLimit | None, environ: WSGIEnvironment, counted: list[tuple[str, str]]) -> bool:
    if limit is None:
        return True
    try:
        limit.check(f"address {environ.get('REMOTE_ADDR')}", counted)
    except TooManyRequestsError:
        return False
    return True
