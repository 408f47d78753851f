"""What goes wrong in a request, and how it is told: RFC 9457 problem documents, bilingual, never a stack trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import JSONResponse, Response

from infra.reasons import ProblemReason

MEDIA_TYPE = "application/problem+json"

SENTENCES: dict[str, tuple[int, str, str]] = {
    "key-missing": (401, "缺少接口密钥。", "An API key is needed."),
    "key-unknown": (403, "接口密钥无效。", "The API key is not known."),
    "key-expired": (401, "接口密钥已过期。", "The API key has expired."),
    "token-invalid": (401, "令牌无效。", "The token is not valid."),
    "token-expired": (401, "令牌已过期。", "The token has expired."),
    "right-missing": (403, "该密钥无权使用此接口。", "This key has no right to do that."),
    "post-unknown": (
        403,
        "岗位名录中没有该岗位，或该岗位不得代表该单位或渠道；请使用岗位名录中的岗位。",
        "The unit has no such post, or the post may not act for this channel; use a post of the directory.",
    ),
    "not-found": (404, "没有这个资源。", "There is nothing here."),
    "method-not-allowed": (405, "此地址不支持该方法。", "This address does not take that method."),
    "too-slow": (408, "请求未在规定时间内送达。", "The request did not arrive in time."),
    "conflict": (409, "与已登记的内容不一致。", "This contradicts what is registered."),
    "too-large": (413, "请求内容过大。", "The request is too large."),
    "media-type": (415, "不支持的内容类型。", "This content type is not taken."),
    "malformed": (400, "请求格式不正确。", "The request is not well-formed."),
    "refused": (422, "请求有误，请按所列原因改正后重新提交。", "The request has faults; mend them and send it again."),
    "too-many": (429, "请求过于频繁，请稍后再试。", "Too many requests; try again later."),
    "broken": (500, "服务内部错误，已记录。", "The service has a fault; it has been recorded."),
    "unavailable": (503, "服务暂不可用，请稍后重试。", "The service is not available now; try again later."),
}
"""Status and sentences by code."""
CODES = frozenset(SENTENCES)
"""Every code there is."""


@dataclass
class HttpProblem(Exception):
    """A request that is not served. `code` is for machines; `reasons` say what to mend, field by field."""

    code: str
    reasons: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    takes: Sequence[str] = ()
    """The accepted types, listed in the error text."""
    command_id: str | None = None
    """The published command that a rule refused."""
    since: Sequence[BaseModel] | None = None
    """What happened after the version that the client saw."""

    def __post_init__(self) -> None:
        super().__init__(self.code)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return SENTENCES[self.code][0]

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        said = SENTENCES[self.code][1]
        return f"{said[:-1]}，请改用 {' 或 '.join(self.takes)}。" if self.takes else said

    @property
    def en(self) -> str:
        """The sentence in English."""
        said = SENTENCES[self.code][2]
        return f"{said[:-1]}; send {' or '.join(self.takes)}." if self.takes else said


Fault = Callable[[str, str], HttpProblem]
"""The problem of a field that does not fit, from the field and what it lacks."""


def fault_by(malformed: Callable[[str, str], BaseModel]) -> Fault:
    """Refuses a request because of one field; `malformed` makes the reason."""
    return lambda field, detail: HttpProblem("refused", [malformed(field, detail).model_dump()])


class ProblemDocument(BaseModel):
    """Why a request was not served. Source: RFC 9457, with `code`, both languages and reasons added."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: str = "about:blank"
    title: str
    """The HTTP status in words."""
    status: int
    code: str
    """For machines; one of docs/http.md."""
    detail: str
    """A sentence in English."""
    zh: str
    """The same in Chinese."""
    request_id: str
    """Quote it when asking the operator."""
    reasons: list[ProblemReason] = []
    command_id: str | None = None
    """The command that the service refused; absent where nothing was published."""
    since: list[dict[str, Any]] | None = None
    """With `If-Match`: every event of the case after that version, with `type`, `at`, `unit`, `post` and `facts`."""


def not_ready(why: str) -> HttpProblem:
    """The service is not ready; the reason is the text of `/readyz`."""
    reason = {"code": "not-ready", "detail": why, "zh": "服务尚未就绪。", "en": "The service is not ready."}
    return HttpProblem("unavailable", [reason], headers={"Retry-After": "5"})


def actor_missing(key_id: str, field: str) -> HttpProblem:
    """The request needs a post that acts, and the key names none."""
    reason = {
        "code": "actor-missing",
        "field": field,
        "detail": "key_without_post",
        "zh": f"该命令须由岗位作出，而密钥 {key_id} 未写明岗位；请使用岗位自己的密钥（xn keys new --post）。",
        "en": f"A post has to decide this, and key {key_id} names none; use a post's own key (xn keys new --post).",
    }
    return HttpProblem("refused", [reason])


def problem_response(problem: HttpProblem, request_id: str) -> Response:
    """The document of a problem."""
    document = ProblemDocument(
        title=HTTPStatus(problem.status).phrase,
        status=problem.status,
        code=problem.code,
        detail=problem.en,
        zh=problem.zh,
        request_id=request_id,
        reasons=[ProblemReason.model_validate(reason) for reason in problem.reasons],
        command_id=problem.command_id,
        since=None
        if problem.since is None
        else [each.model_dump(mode="json", exclude_none=True) for each in problem.since],
    )
    return JSONResponse(
        document.model_dump(exclude_none=True), problem.status, headers=dict(problem.headers), media_type=MEDIA_TYPE
    )


def faults_of(error: ValidationError) -> list[tuple[str, str]]:
    """Field and kind of each fault of a body, never its value; twenty at most."""
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return [(".".join(str(part) for part in fault["loc"])[:200], fault["type"]) for fault in faults[:20]]
