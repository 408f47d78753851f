"""SMS by an HTTP gateway, as those of Chinese carriers and clouds are: templates approved beforehand, JSON, signed.

Signature: ACS3-HMAC-SHA256. Answers: `{"Code": "OK", "BizId": …}`, or a code that says why not.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime

from infra.clock import Clock, system_clock
from services.notify.providers.configuration import SmsTable
from services.notify.providers.port import Accepted, Letter, Refused, Unavailable
from services.notify.providers.posting import Answer, Poster, retry_after, taken

ONE_SMS, JOINED_SMS = 70, 67
"""UTF-16 units of an SMS alone, and of each where several are joined: the header of the others takes three."""
WRONG = frozenset(
    {
        "isv.MOBILE_NUMBER_ILLEGAL",
        "isv.MOBILE_COUNT_OVER_LIMIT",
        "isv.SMS_TEMPLATE_ILLEGAL",
        "isv.SMS_SIGNATURE_ILLEGAL",
        "isv.TEMPLATE_MISSING_PARAMETERS",
        "isv.TEMPLATE_PARAMS_ILLEGAL",
        "isv.INVALID_PARAMETERS",
        "isv.INVALID_JSON_PARAM",
        "isv.PARAM_LENGTH_LIMIT",
        "isv.PARAM_NOT_SUPPORT_URL",
        "isv.BLACK_KEY_CONTROL_LIMIT",
        "isv.BLACKLIST_PHONE",
    }
)
"""The number, the template or a word of it will not do, today or tomorrow."""
THIS_NUMBER = frozenset({"isv.BUSINESS_LIMIT_CONTROL"})
"""The number has had as many as it may for now; others go on."""
_CODE = re.compile(r"[A-Za-z][A-Za-z_.]{0,59}")
_REFERENCE = re.compile(r"[0-9A-Za-z^_-]{1,64}")
_NUMBER = re.compile(r"\+?[0-9]{5,15}")


class SmsProvider:
    """One gateway. `OutId` is the notice: by it the gateway tells a letter it has taken before."""

    def __init__(
        self,
        table: SmsTable,
        tls: ssl.SSLContext,
        clock: Clock = system_clock,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._table = table
        self._clock = clock
        self._nonce = nonce
        self._url = table.address
        self._poster = Poster(self._url, table.connections, table.timeout_seconds, tls)

    @property
    def name(self) -> str:
        """`sms`."""
        return "sms"

    async def send(self, letter: Letter) -> Accepted:
        """The gateway has it. Raises `Refused` and `Unavailable`."""
        body = body_of(letter, self._table)
        now = self._clock()
        return accepted(await self._poster.post(body, self._headers(letter, body, now)), now)

    async def close(self) -> None:
        """No connection is left open."""
        await self._poster.close()

    def _headers(self, letter: Letter, body: bytes, now: datetime) -> dict[str, str]:
        signed = {
            "host": self._url.host_port_subcomponent or "",
            "x-acs-action": self._table.action,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
            "x-acs-date": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": self._nonce(),
            "x-acs-version": self._table.version,
        }
        path, query = self._url.raw_path, self._url.raw_query_string
        authorization = authorize(self._table.access_key, self._table.secret.get_secret_value(), path, query, signed)
        return signed | {
            "Authorization": authorization,
            "Content-Type": "application/json",
            "Idempotency-Key": letter.notice_id,
        }


def body_of(letter: Letter, table: SmsTable) -> bytes:
    """The request, once it is known that it fits. Raises `Refused` where it does not."""
    code = table.templates.get(letter.language.value, {}).get(letter.what)
    if code is None:
        raise Refused(f"template: the gateway has none for {letter.what} in {letter.language}")
    if (why := too_long(letter, table)) is not None:
        raise Refused(f"too-long: {why}")
    content = {
        "PhoneNumbers": number_of(letter.to),
        "SignName": table.sign_name,
        "TemplateCode": code,
        "TemplateParam": json.dumps(dict(letter.sms)),
        "OutId": letter.notice_id,
    }
    return json.dumps(content).encode()


def too_long(letter: Letter, table: SmsTable) -> str | None:
    """What is longer than the gateway takes, with both lengths; None if it fits."""
    most = longest(table.segments)
    if (length := length_of(letter.text, table.sign_name)) > most:
        return f"{length} characters, {most} at most"
    for name, value in letter.sms.items():
        if len(value) > table.parameter_characters:
            return f"parameter {name}: {len(value)} characters, {table.parameter_characters} at most"
    return None


def length_of(text: str, sign_name: str) -> int:
    """UTF-16 units of what arrives: the text behind its signature, `【效能中心】…`."""
    return len(f"【{sign_name}】{text}".encode("utf-16-le", "surrogatepass")) // 2


def longest(segments: int) -> int:
    """Units that so many SMS hold."""
    return ONE_SMS if segments == 1 else JOINED_SMS * segments


def number_of(phone: str) -> str:
    """The number, if it is digits as `sms_number` writes them. Raises `Refused`."""
    if not _NUMBER.fullmatch(phone):
        raise Refused("contact: no phone number")
    return phone


def authorize(access_key: str, secret: str, path: str, query: str, signed: Mapping[str, str]) -> str:
    """`Authorization` of a POST whose headers are all signed, by ACS3-HMAC-SHA256."""
    names = ";".join(sorted(signed))
    lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    request = "\n".join(["POST", path, query, lines, names, signed["x-acs-content-sha256"]])
    text = f"ACS3-HMAC-SHA256\n{hashlib.sha256(request.encode()).hexdigest()}"
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={access_key},SignedHeaders={names},Signature={digest}"


def accepted(answer: Answer, now: datetime) -> Accepted:
    """By its code; by its status where it gives none. Raises `Refused` and `Unavailable`."""
    said = _json(answer.body)
    code = said.get("Code")
    if code == "OK":
        reference = said.get("BizId")
        known = isinstance(reference, str) and _REFERENCE.fullmatch(reference)
        return Accepted(str(reference) if known else None)
    if not isinstance(code, str) or not _CODE.fullmatch(code):  # what else stands there may quote the number
        taken(answer, now)
        raise Unavailable("sms: an answer without a code")
    if code in WRONG:
        raise Refused(f"sms {code}")
    if code in THIS_NUMBER:
        raise Refused(f"sms {code}", permanent=False)
    raise Unavailable(f"sms {code}", retry_after(answer.headers.get("retry-after"), now))


def _json(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
