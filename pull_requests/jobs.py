"""The jobs: post a preview, apply the reviewed preview, report drift."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from .cli import pulumi, run_preview
from .errors import JobError
from .forges import Forge
from .mark import Mark, digest, marked, marked_comment
from .page import comment, fence
from .preview import Preview
from .project import beside

FILE = Path("preview.md")
"""Where a job leaves its preview."""
DRIFT = """\
The cloud differs from the program: somebody has changed it by hand, or a merge is not yet applied.
`pulumi up --refresh` would do what the preview says. Each run updates this issue, and closes it
when there is nothing to do.
"""

ADDING = {"create", "update"}
"""Where nothing else is done, an error of one thing need not hold up the others. Where something
goes, it does: after an error Pulumi would still delete what seems unneeded, such as the old one of
two of which the new one could not be made."""
ONCE = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""Pulumi writes the state at the end of an `up` alone, also where that fails or is cancelled; not
where it is killed. Else it writes all of it before and after each change: with a hundred nodes that
is most of what an `up` takes."""


def post(forge: Forge, stack: str) -> None:
    """Post the preview of the earlier job on this pull request; it replaces the last one."""
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

    The preview saves a plan, which limits `up` to what was shown. Secrets in it are encrypted, only
    this user can read its folder, and both are removed at the end. With nothing to do in the cloud
    no review is needed. Where the change deletes and replaces nothing, `up` goes on after an error
    with all that does not need what failed. Where all of it may be done again without harm, the
    state is written at the end alone.

    forge: called only to find the reviewed digest; given: the digest of the reviewed preview, for
    a run by hand, else "".
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
            # The state may still change, such as an output.
            print(f"{stack}: nothing to do in the cloud", flush=True)
        options = ["--yes", "--skip-preview", "--non-interactive"]
        if {resource.op for resource in preview.changed} <= ADDING:
            options.append("--continue-on-error")
        command = [pulumi(), "up", "--stack", stack, *options, f"--plan={plan}"]
        return _run_up(command, {**os.environ, **environment(preview)})


def environment(preview: Preview) -> Mapping[str, str]:
    """Return the variables that an `up` of a preview has beside those that are there."""
    kinds = [resource.urn.split("::")[2] for resource in preview.changed]
    adding = {resource.op for resource in preview.changed} <= ADDING
    repeatable = all(kind.startswith(preview.words.repeatable) for kind in kinds)
    return ONCE if adding and repeatable else {}


def _run_up(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run an `up`; a signal to end makes Pulumi stop after the steps that are running."""
    up: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def stop(number: int, _: object) -> None:
        if up is None:
            early.append(number)  # Popen returns shortly after the command has started
        else:
            up.send_signal(signal.SIGINT)

    # Before it starts: Pulumi would inherit ignored signals, as in a shell's background; handled
    # signals are not inherited.
    ends = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(end, stop) for end in ends]
    try:
        # A terminal's ^C comes here alone.
        with subprocess.Popen(command, process_group=0, env=environment) as up:
            for _ in early:
                up.send_signal(signal.SIGINT)
            status = up.wait()
    finally:
        for end, handler in zip(ends, before, strict=True):
            signal.signal(end, handler)
    if status:
        print(
            "Resources that were not reached have an error, too: `expected resource operations …"
            " but none were seen`. The other errors are the causes.",
            flush=True,
        )
    return status


def _reviewed(forge: Forge, stack: str) -> tuple[str, str]:
    """Return the reviewed digest, "" if there is none, and where it is from."""
    request = forge.merged_request()
    if request is None:
        return "", "no pull request was merged as this commit"
    for found in forge.comments(request):
        if mark := _matching_mark("preview", stack, found.body):
            return mark.digest, f"request {request}"
    return "", f"request {request} has no preview of {stack}"


def drift(forge: Forge | None, stack: str) -> int:
    """Open, edit or close the issue about drift; return Pulumi's status.

    forge: None prints it instead; the status is then 1 if there is any.
    """
    other = beside()
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(other.told, stack) if other else None
        preview, status = run_preview(stack, "--refresh")
    text = comment(preview)
    if preview.errors:
        _show(text)
        raise JobError(f"{stack}: the preview failed, so drift is unknown; its errors are above")
    more = told.result() if told else ""
    if other and more:
        text += "\n".join(["", f"**{other.title}**", "", *fence(more.splitlines()), ""])
    if forge is None:
        print(text)
        return status or int(bool(preview.changed or more))
    body = f"{Mark('drift', stack, digest(preview))}\n{DRIFT}\n{text}"
    issue = next(
        (found for found in forge.issues() if _matching_mark("drift", stack, found.body)), None
    )
    if not preview.changed and not more:
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
    """Return the mark of a text if it is of this kind and stack."""
    mark = marked(text)
    return mark if mark and (mark.what, mark.stack) == (what, stack) else None


def _show(text: str) -> None:
    """Show a preview: on the job's summary page if there is one, else in its output."""
    # Not in GitHub's output, where a line that begins with `::` would be a command.
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(page).open("a", encoding="utf-8") as file:
            file.write(text)
        print(f"the preview is in {FILE}, and on this run's summary page")
    else:
        print(text)
