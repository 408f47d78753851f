"""The six documents over HTTP and on the command line: listed, printed, verified, and kept from some."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from contracts.channel import Contact, SubmitComplaint
from contracts.codes import SubjectKind
from contracts.conduct import MeasureDecided, MeasureReversed
from contracts.notify import ComplaintAcknowledged
from tests.printing.reading import pages_of, read, squeezed
from tests.support.app import app_of
from tests.support.bus import complaint
from tests.support.city import City, reference
from tests.support.deployment import ROOT
from tests.support.forked import run
from tests.support.search import Needles
from tests.support.waiting import wait_until

pytestmark = pytest.mark.parametrize("engines", ["embedded"], indirect=True, scope="session")
"""What is tested here asks nothing of the broker that the other files do not."""

UNIT, CENTRE, OFFICE, STRANGER = "police-beicheng", "beicheng-centre", "city-office", "human-resources"
CODE = re.compile(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}")


def client_of(city: City, key: str | None = None) -> httpx.AsyncClient:
    headers = {"X-API-Key": city.deployment.api_keys[key]} if key else {}
    return app_of(city.deployment.fleet.url("notify"), headers)


async def documents(city: City, case_id: str, key: str = UNIT) -> list[dict[str, Any]]:
    async with client_of(city, key) as client:
        answer = await client.get(f"/v1/cases/{case_id}/documents")
    return answer.json()["documents"] if answer.status_code == 200 else []


async def answered(city: City, **changes: Any) -> tuple[SubmitComplaint, str]:
    """A case that a unit has answered, as notify knows it, and its number."""
    submission = complaint(reference(), **changes)
    await city.to_the_end(submission)

    async def known() -> bool:
        return "feedback" in {each["code"] for each in await documents(city, submission.case_id, "city-office")}

    await wait_until(known, 60, "notify knows the answer")
    acknowledged = await city.heard(ComplaintAcknowledged, submission.case_id)
    return submission, acknowledged.number


async def printed(city: City, number: str, key: str = UNIT, **asked: str) -> tuple[str, bytes]:
    async with client_of(city, key) as client:
        html = await client.get(f"/v1/documents/{number}.html", params=asked)
        pdf = await client.get(f"/v1/documents/{number}.pdf", params=asked)
    assert (html.status_code, pdf.status_code) == (200, 200), html.text
    assert (html.headers["content-type"], pdf.headers["content-type"]) == (
        "text/html; charset=utf-8",
        "application/pdf",
    )
    assert html.headers["cache-control"] == "no-store"
    return html.text, pdf.content


async def verified(city: City, number: str, code: str) -> dict[str, Any]:
    async with client_of(city) as client:
        answer = await client.get("/v1/documents/verify", params={"number": number, "code": code})
        while answer.status_code == 429:
            await asyncio.sleep(int(answer.headers["retry-after"]))
            answer = await client.get("/v1/documents/verify", params={"number": number, "code": code})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_case_has_its_documents_which_say_what_happened(city: City) -> None:
    submission, number = await answered(city)
    listed = await documents(city, submission.case_id)
    assert [each["number"] for each in listed] == [f"{number}-{tail}" for tail in ("DJ1", "ZB1", "FK1")]
    assert listed[0]["zh"] == "群众诉求登记表"
    html, pdf = await printed(city, f"{number}-FK1")
    shown, pages = squeezed("".join(read(html).texts)), squeezed("".join(pages_of(pdf)))
    for text in (shown, pages):
        assert number in text
        assert "已责令整改，请放心。" in text
        assert "市公安局北城分局" in text
    _, english = await printed(city, f"{number}-FK1", language="en")
    assert "resolved" in "".join(pages_of(english))


async def test_a_printed_paper_is_known_to_be_genuine_and_no_other_is(city: City) -> None:
    submission, number = await answered(city)
    paper = f"{number}-ZB1"
    unprinted = await verified(city, paper, "0000-0000-0000-0000")
    html, pdf = await printed(city, paper)
    found = CODE.search("".join(read(html).texts))
    assert found is not None
    assert found[0] in squeezed("".join(pages_of(pdf)))
    genuine = await verified(city, paper, found[0])
    assert genuine["genuine"]
    assert (genuine["code"], genuine["zh"]) == ("transfer", "群众诉求转办单")
    assert set(genuine) == {"genuine", "code", "zh", "en", "issued_on"}
    assert (await verified(city, paper, found[0].lower().replace("-", " ")))["genuine"]
    wide = str.maketrans({chr(n): chr(n + 0xFEE0) for n in range(0x21, 0x7F)})
    assert (await verified(city, f" {paper.lower()} ", found[0].translate(wide)))["genuine"]
    assert (await verified(city, paper.translate(wide), found[0].replace("-", "–")))["genuine"]
    assert await printed(city, paper.lower().replace("-", "–")) == (html, pdf)
    wrong = [
        await verified(city, paper, "0000-0000-0000-0000"),
        await verified(city, f"{number}-DJ1", found[0]),
        await verified(city, "BC-19990101-000001-ZB1", found[0]),
        await verified(city, "../etc/passwd", found[0]),
    ]
    assert [unprinted, *wrong] == [{"genuine": False}] * 5
    assert submission.case_id not in html


async def test_how_long_a_look_takes_tells_nothing(city: City) -> None:
    _, number = await answered(city)
    await printed(city, f"{number}-DJ1")
    loop = asyncio.get_running_loop()
    for paper in (f"{number}-DJ1", "BC-19990101-000001-DJ1", "?"):
        begun = loop.time()
        await verified(city, paper, "0000-0000-0000-0000")
        assert loop.time() - begun >= 0.2


@pytest.mark.parametrize("key", [STRANGER, None])
async def test_a_unit_that_has_nothing_to_do_with_a_case_gets_none_of_its_documents(
    city: City, key: str | None
) -> None:
    submission, number = await answered(city)
    async with client_of(city, key) as client:
        for path in (f"/v1/cases/{submission.case_id}/documents", f"/v1/documents/{number}-DJ1.pdf"):
            answer = await client.get(path)
            assert answer.status_code == (404 if key else 401)
            assert number not in answer.text
        assert (await client.get("/v1/documents/BC-19990101-000001-DJ1.html")).status_code == (404 if key else 401)


async def test_the_documents_of_a_confidential_case_tell_nobody_who_complained(city: City) -> None:
    """Planted in all that a complaint can carry; the unit complained about gets no document at all."""
    mark = secrets.token_hex(8)
    phone = f"139{int(mark, 16) % 10**8:08d}"
    submission, _ = await answered(
        city,
        about=CENTRE,
        confidential=True,
        contact=Contact(name=f"欧阳{mark}", phone=phone, email=f"{mark}@home.example"),
        title=f"欧阳{mark} 投诉",
        text=f"我叫欧阳{mark}，电话{phone}，邮箱{mark}@home.example，请处理。",
    )
    listed = await documents(city, submission.case_id, OFFICE)
    needles = Needles((f"欧阳{mark}", phone, f"{mark}@home.example", submission.external_id))
    for each in listed:
        html, pdf = await printed(city, each["number"], OFFICE)
        text = squeezed("".join(pages_of(pdf)))
        assert needles.found_in(html.encode()) | needles.found_in(text.encode()) | needles.found_in(pdf) == set()
        if each["code"] == "registration":
            assert "保密" in text
    async with client_of(city, CENTRE) as client:
        assert (await client.get(f"/v1/cases/{submission.case_id}/documents")).status_code == 404
        for each in listed:
            assert (await client.get(f"/v1/documents/{each['number']}.pdf")).status_code == 404


async def test_a_measure_has_its_letter_until_it_is_reversed(city: City) -> None:
    proposal = f"{secrets.token_hex(4)}-f5e3-5a3b-a86c-{secrets.token_hex(6)}"
    now = datetime.now(UTC)
    about: dict[str, Any] = {"unit": UNIT, "occurred_at": now, "kind": SubjectKind.POST}
    about |= {"subject": "police-beicheng.desk-1", "proposal_id": proposal}
    await city.say(
        MeasureDecided(
            measures=("admonition-talk", "no-top-grade"),
            by=OFFICE,
            actor="city-office.director",
            reason="首次有效投诉",
            appeal_until=now + timedelta(days=15),
            **about,
        )
    )

    async def letters(key: str) -> list[str]:
        async with client_of(city, key) as client:
            listed = (await client.get(f"/v1/units/{UNIT}/documents")).json()["documents"]
        tail = proposal.replace("-", "")[:10].upper()
        return [each["number"] for each in listed if each["number"].endswith(tail)]

    async def issued() -> bool:
        return bool(await letters(UNIT))

    async def gone() -> bool:
        return not await letters(UNIT)

    await wait_until(issued, 60, "the letter is there")
    (number,) = await letters(OFFICE)
    assert await letters(STRANGER) == []
    text = squeezed("".join(pages_of((await printed(city, number))[1])))
    assert "诫勉谈话" in text
    assert "首次有效投诉" in text
    assert "police-beicheng.desk-1" in text
    async with client_of(city, STRANGER) as client:
        assert (await client.get(f"/v1/documents/{number}.pdf")).status_code == 404
    await city.say(MeasureReversed(reason="查无实据", **about))
    await wait_until(gone, 60, "the letter is gone")
    async with client_of(city, UNIT) as client:
        assert (await client.get(f"/v1/documents/{number}.pdf")).status_code == 404


async def xn(city: City, *words: str, key: str | None = UNIT) -> tuple[int | None, str]:
    """`xn documents` as somebody of a unit runs it."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "XN_NOTIFY_URL": city.deployment.fleet.url("notify")}
    environ |= {"XN_API_KEY": city.deployment.api_keys[key]} if key else {}
    log = city.deployment.directory / "commands" / f"{uuid4().hex}.log"
    return await run("xn", "documents", "print", *words, env=environ, log=log)


async def test_an_operator_prints_a_document_or_all_about_a_unit(city: City, tmp_path: Path) -> None:
    _, number = await answered(city)
    code, told = await xn(city, f"{number}-DJ1", "--out", str(tmp_path))
    assert code == 0, told
    assert sorted(os.listdir(tmp_path)) == [f"{number}-DJ1.html", f"{number}-DJ1.pdf"]  # noqa: PTH208 - nothing waits
    code, told = await xn(city, "--unit", CENTRE, "--out", str(tmp_path / "card"), "--language", "en")
    assert code == 0, told
    card = (tmp_path / "card" / f"{CENTRE}-LX1.pdf").read_bytes()
    assert "12345" in "".join(pages_of(card))
    assert (await xn(city, f"{number}-DJ9"))[0] == 1
    code, told = await xn(city, f"{number}-DJ1", key=STRANGER)
    assert (code, "404" in told) == (1, True)
    assert (await xn(city, f"{number}-DJ1", key=None))[0] == 78
    assert (await xn(city))[0] == 2
