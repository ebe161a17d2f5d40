"""The jobs: a preview posted, the reviewed preview carried out, drift told."""

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from .cli import pulumi, run_preview
from .errors import JobError
from .forges import Forge
from .mark import Mark, digest, marked, marked_comment
from .page import comment

FILE = Path("preview.md")
"""Where a job leaves its preview."""
DRIFT = """\
A preview that asked the cloud first is not empty: somebody has changed the cloud by hand, or what
is merged is not carried out yet. `pulumi up --refresh` would do what is below. This issue follows
the cloud, and is closed when there is nothing to do.
"""


def post(forge: Forge, stack: str) -> None:
    """Write the preview of the job before on this pull request, in the place of its last one."""
    text = forge.preview()
    first = f"run `python -m {__package__} preview --stack {stack}` first"
    if text is None:
        raise JobError(f"{FILE} is not there: {first}")
    mark = marked(text)
    if mark is None or (mark.what, mark.stack) != ("preview", stack):
        of = f"of {mark.stack}" if mark else "no preview"
        raise JobError(f"{FILE} is {of}: {first}")
    request = forge.request()
    for old in forge.comments(request):
        if _matching_mark("preview", stack, old.body):
            forge.edit_comment(request, old.id, text)
            print(f"request {request}: edited comment {old.id}")
            return
    forge.add_comment(request, text)
    print(f"request {request}: commented")


def apply(forge: Callable[[], Forge], stack: str, given: str) -> int:
    """Run `pulumi up` if a fresh preview is the reviewed one, and return Pulumi's status.

    The preview leaves a plan, which holds `up` to just what was shown. Secrets in it are encrypted,
    its folder is for this user alone, and both are gone at the end. With nothing to do in the cloud
    nobody is asked what was reviewed.

    forge: called where it must say what was reviewed; given: the digest of what was reviewed,
    where somebody says it by hand, else "".
    """
    with TemporaryDirectory() as folder:
        plan = Path(folder, "plan.json")
        preview, status = run_preview(stack, f"--save-plan={plan}")
        text = marked_comment(preview, stack)
        FILE.write_text(text, encoding="utf-8")
        if preview.errors:
            _show(text)
            return status or 1
        if preview.changed:
            _show(text)
            fresh = digest(preview)
            reviewed, by = (given, "DIGEST") if given else _reviewed(forge(), stack)
            if reviewed != fresh:
                raise JobError(
                    f"the fresh preview is not the one that was reviewed; nothing was changed\n"
                    f"  reviewed: {reviewed or 'none'} ({by})\n"
                    f"  fresh:    {fresh}\n"
                    f"Read the fresh one. If it is right, run this job by hand with DIGEST={fresh}"
                )
            print(f"{stack}: the preview is the reviewed one ({by})", flush=True)
        else:
            # The state may still learn something, such as another output.
            print(f"{stack}: nothing to do in the cloud", flush=True)
        options = ["--yes", "--skip-preview", "--non-interactive", f"--plan={plan}"]
        return _run_up([pulumi(), "up", "--stack", stack, *options])


def _run_up(command: Sequence[str]) -> int:
    """Run an `up`; whoever ends this job makes Pulumi stop after the steps that it has begun."""
    up: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def stop(number: int, _: object) -> None:
        if up is None:
            early.append(number)  # Popen returns a little after the command has begun
        else:
            up.send_signal(signal.SIGINT)

    # Before it begins: a signal that a job ignores, as those of a shell's background do, would be
    # ignored by Pulumi too; one that is handled is not.
    ends = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(end, stop) for end in ends]
    try:
        with subprocess.Popen(command, process_group=0) as up:  # a terminal's ^C comes here alone
            for _ in early:
                up.send_signal(signal.SIGINT)
            status = up.wait()
    finally:
        for end, handler in zip(ends, before, strict=True):
            signal.signal(end, handler)
    if status:
        print(
            "What was not reached has an error, too: `expected resource operations … but none were"
            " seen`. The others are the causes.",
            flush=True,
        )
    return status


def _reviewed(forge: Forge, stack: str) -> tuple[str, str]:
    """Return the digest that was reviewed, "" where there is none, and who says so."""
    request = forge.merged_request()
    if request is None:
        return "", "no pull request was merged as this commit"
    for found in forge.comments(request):
        if mark := _matching_mark("preview", stack, found.body):
            return mark.digest, f"request {request}"
    return "", f"request {request} has no preview of {stack}"


def drift(forge: Forge, stack: str) -> int:
    """Open, edit or close the issue on what differs in the cloud; return Pulumi's status."""
    preview, status = run_preview(stack, "--refresh")
    text = comment(preview)
    if preview.errors:
        _show(text)
        raise JobError(f"{stack}: the preview failed, so drift cannot be told")
    body = f"{Mark('drift', stack, digest(preview))}\n{DRIFT}\n{text}"
    issue = next(
        (found for found in forge.issues() if _matching_mark("drift", stack, found.body)), None
    )
    if not preview.changed:
        if issue is not None:
            forge.close_issue(issue.id)
        print(f"{stack}: no drift" + (f"; closed issue {issue.id}" if issue else ""))
    elif issue is None:
        forge.open_issue(f"Drift of {stack}", body)
        print(f"{stack}: drift; opened an issue")
    else:
        forge.edit_issue(issue.id, body)
        print(f"{stack}: drift; edited issue {issue.id}")
    return status


def _matching_mark(what: str, stack: str, text: str) -> Mark | None:
    """Return the mark of a text if it is this one of this stack."""
    mark = marked(text)
    return mark if mark and (mark.what, mark.stack) == (what, stack) else None


def _show(text: str) -> None:
    """Show a preview to whoever looks at the job: on its page, or else in its output."""
    # Not in GitHub's output, where a line that begins with `::` would be a command.
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(text)
        print(f"the preview is in {FILE}, and on this run's summary page")
    else:
        print(text)
