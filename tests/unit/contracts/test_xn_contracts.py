"""`xn contracts` writes the generated files, and fails when they are stale or break what was released."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from contracts.codes import RefusalCode
from contracts.topics import REGISTRY
from xn.__main__ import MODULES, application
from xn.contracts import SCHEMAS, app, generated, is_request, stale

SUBMIT = SCHEMAS / "cn.xiaoneng.complaint.submit.v1.json"


class Repository:
    """A git repository with the generated files of the contracts as they are."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")
        self.xn("write")

    def git(self, *words: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *words], cwd=self.root, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")

    def xn(self, command: str) -> Result:
        return CliRunner().invoke(app, [command, "--root", str(self.root)])

    def release(self, path: Path, **changes: Any) -> None:
        """A release whose file was other than it is now."""
        whole = json.loads((self.root / path).read_text(encoding="utf-8"))
        (self.root / path).write_text(json.dumps({**whole, **changes}), encoding="utf-8")
        self.commit()
        self.xn("write")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.delenv("XN_COMPAT_BASE", raising=False)
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    return Repository(tmp_path)


def test_the_generated_files_in_this_repository_are_not_stale():
    assert stale(Path(__file__).parents[3]) == []


def test_there_is_a_file_for_each_type_one_for_all_and_two_pages():
    assert len(generated()) == len(REGISTRY.messages) + 3


def test_what_was_just_written_passes(repository: Repository):
    done = repository.xn("check")
    assert done.exit_code == 0
    assert "nothing released yet" in done.output


@pytest.mark.parametrize("path", [SUBMIT, SCHEMAS / "asyncapi.json", Path("docs/topics.md"), Path("docs/codes.md")])
def test_a_file_that_differs_or_is_missing_fails(repository: Repository, path: Path):
    with (repository.root / path).open("a", encoding="utf-8") as file:
        file.write(" ")
    differs = repository.xn("check")
    (repository.root / path).unlink()
    missing = repository.xn("check")
    for done in (differs, missing):
        assert done.exit_code == 1
        assert done.stderr == f"{path} is stale: run `xn contracts write`\n"


def test_a_schema_without_a_type_fails_until_it_is_written_anew(repository: Repository):
    stray = repository.root / SCHEMAS / "cn.xiaoneng.case.forgotten.v1.json"
    stray.write_text("{}")
    done = repository.xn("check")
    assert done.exit_code == 1
    assert "cn.xiaoneng.case.forgotten.v1.json is generated no longer" in done.stderr
    repository.xn("write")
    assert not stray.exists()
    assert repository.xn("check").exit_code == 0


def test_a_first_release_is_compared_with_nothing(repository: Repository):
    repository.commit()
    assert "nothing released yet" in repository.xn("check").output


def test_a_base_without_contracts_is_said_to_have_released_nothing(repository: Repository):
    repository.git("commit", "--quiet", "--allow-empty", "--message=x")
    repository.commit()
    done = repository.xn("check")
    assert done.exit_code == 0
    assert done.stdout.startswith("nothing released in main~1:")


def test_on_the_main_branch_the_commit_before_is_compared_with(repository: Repository):
    released = json.loads((repository.root / SUBMIT).read_text(encoding="utf-8"))
    repository.release(SUBMIT, required=[*released["required"], "title"])
    repository.commit()
    done = repository.xn("check")
    assert done.exit_code == 1
    assert done.stdout == f"compared with the {len(REGISTRY.messages) + 1} schemas released in main~1\n"
    assert done.stderr == ("cn.xiaoneng.complaint.submit.v1: `title` is no longer required: older readers demand it\n")


def test_on_a_branch_the_main_branch_is_compared_with(repository: Repository):
    repository.release(SUBMIT, minProperties=1)
    repository.git("switch", "--quiet", "--create", "work")
    repository.commit()
    repository.commit()
    done = repository.xn("check")
    assert done.exit_code == 1
    assert done.stdout.endswith("released in main\n")
    assert "the message had minProperties 1, has no minProperties" in done.stderr


def test_a_topic_with_other_partitions_fails(repository: Repository):
    path = SCHEMAS / "asyncapi.json"
    channels = json.loads((repository.root / path).read_text(encoding="utf-8"))["channels"]
    channels["contacts"]["bindings"]["kafka"]["partitions"] = 3
    repository.release(path, channels=channels)
    repository.commit()
    done = repository.xn("check")
    assert (done.exit_code, done.stderr) == (1, "topic contacts: had 3 partitions, has 12\n")


def test_another_base_can_be_named_and_must_exist(repository: Repository, monkeypatch: pytest.MonkeyPatch):
    repository.release(SUBMIT, minProperties=1)
    repository.git("tag", "v1")
    for _ in range(3):
        repository.commit()
    assert repository.xn("check").exit_code == 0
    monkeypatch.setenv("XN_COMPAT_BASE", "v1")
    assert repository.xn("check").exit_code == 1
    monkeypatch.setenv("XN_COMPAT_BASE", "v2")
    done = repository.xn("check")
    assert done.exit_code == 2
    assert "names no commit" in done.stderr


def test_a_request_is_what_outsiders_ask_of_our_services():
    assert {type for type in REGISTRY.messages if is_request(type)} == {
        "cn.xiaoneng.publication.propose.v1",
        "cn.xiaoneng.publication.review.v1",
        "cn.xiaoneng.publication.withdraw.v1",
        "cn.xiaoneng.complaint.submit.v1",
        "cn.xiaoneng.complaint.supplement.v1",
        "cn.xiaoneng.complaint.withdraw.v1",
        "cn.xiaoneng.case.rate.v1",
        "cn.xiaoneng.callback.record.v1",
        "cn.xiaoneng.complaint.reopen.v1",
        "cn.xiaoneng.answer.appeal.v1",
        "cn.xiaoneng.case.instruct.v1",
        "cn.xiaoneng.case.ask-complainant.v1",
        "cn.xiaoneng.case.add-note.v1",
        "cn.xiaoneng.review.decide.v1",
        "cn.xiaoneng.receipt.report.v1",
        "cn.xiaoneng.notice.redrive.v1",
        "cn.xiaoneng.case.judge-scope.v1",
        "cn.xiaoneng.case.request-supplement.v1",
        "cn.xiaoneng.case.merge.v1",
        "cn.xiaoneng.case.unmerge.v1",
        "cn.xiaoneng.identity.erase.v1",
        "cn.xiaoneng.case.sign.v1",
        "cn.xiaoneng.case.request-return.v1",
        "cn.xiaoneng.case.report-handling.v1",
        "cn.xiaoneng.case.verify-report.v1",
        "cn.xiaoneng.case.dispatch.v1",
        "cn.xiaoneng.dispatch.approve.v1",
        "cn.xiaoneng.case.reassign.v1",
        "cn.xiaoneng.case.request-transfer.v1",
        "cn.xiaoneng.case.suspend.v1",
        "cn.xiaoneng.case.resume.v1",
        "cn.xiaoneng.extension.request.v1",
        "cn.xiaoneng.extension.decide.v1",
        "cn.xiaoneng.delay.explain.v1",
        "cn.xiaoneng.case.reopen.v1",
        "cn.xiaoneng.subtask.invite.v1",
        "cn.xiaoneng.subtask.report.v1",
        "cn.xiaoneng.subtask.decline.v1",
        "cn.xiaoneng.subtask.cancel.v1",
        "cn.xiaoneng.item.watch.v1",
        "cn.xiaoneng.item.pause.v1",
        "cn.xiaoneng.item.record-step.v1",
        "cn.xiaoneng.item.resume.v1",
        "cn.xiaoneng.item.finish.v1",
        "cn.xiaoneng.assessment.record.v1",
        "cn.xiaoneng.assessment.withdraw.v1",
        "cn.xiaoneng.assessment.approve.v1",
        "cn.xiaoneng.finding.record.v1",
        "cn.xiaoneng.finding.appeal.v1",
        "cn.xiaoneng.finding.decide-appeal.v1",
        "cn.xiaoneng.finding.reverse.v1",
        "cn.xiaoneng.measure.decide.v1",
        "cn.xiaoneng.measure.appeal.v1",
        "cn.xiaoneng.measure.review.v1",
        "cn.xiaoneng.measure.record-outcome.v1",
        "cn.xiaoneng.inspection.plan.v1",
        "cn.xiaoneng.inspection.record-visit.v1",
        "cn.xiaoneng.rectification.report.v1",
        "cn.xiaoneng.rectification.verify.v1",
        "cn.xiaoneng.survey.plan.v1",
        "cn.xiaoneng.survey.record-responses.v1",
        "cn.xiaoneng.survey.close.v1",
    }


def test_the_pages_name_every_topic_every_type_and_every_code():
    pages = generated()
    topics, codes = pages[Path("docs/topics.md")], pages[Path("docs/codes.md")]
    assert [topic.name for topic in REGISTRY.topics if f"\n## `{topic.name}`\n" not in topics] == []
    assert [type for type in REGISTRY.messages if f"\n| `{type}` | " not in topics] == []
    assert [code for code in RefusalCode if f"\n| `{code}` | " not in codes] == []


def test_every_subcommand_shows_its_help_under_its_name():
    for name in MODULES:
        done = CliRunner().invoke(application(), [name, "--help"])
        assert done.exit_code == 0, done.output
        assert name in done.output
