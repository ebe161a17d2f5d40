"""What failed in the last run: none of it counts as done."""

import re

import pulumi

from .state import State

_CAUSE = re.compile(r"^(updating \S+: )?(1 error occurred: \* )?")
"""What the provider puts before a cause."""


def finish_what_failed(state: State) -> None:
    """Make sure that nothing that failed in the last run counts as done (RunError).

    This run replaces what was created only in part. After a failed change the provider keeps the
    new values as if the cloud had them, and would send nothing. `tools.resume` puts the old ones
    back and asks the cloud. Until then a preview warns, and `up` is refused. Report:
    https://github.com/pulumi/pulumi/issues/21458. It is the same after a run that was cut off while
    it made something in the cloud: the engine would make it once more.
    """
    failed = [
        f"  {r.name}: {_CAUSE.sub('', ' '.join(reason.split()))}"
        for r in state.resources
        if r.reasons and r.made
        for reason in r.reasons
    ]
    if failed:
        _refuse("The last change of these failed, so the state may differ from the cloud", failed)
    if state.interrupted:
        cut_off = [f"  {name}" for name in state.interrupted]
        _refuse("The last run was cut off while it made these, so the cloud may have them", cut_off)
    unmade = {(r.type, r.name) for r in state.resources if not r.made}
    if unmade:
        # The newer `register_resource_transform` takes no replacement trigger that is a text. No
        # report found.
        pulumi.runtime.register_stack_transformation(lambda args: _replaced(args, unmade))


def _refuse(head: str, lines: list[str]) -> None:
    """Refuse an `up` until `make resume` was run (RunError); warn in a preview."""
    todo = f"run `make resume STACK={pulumi.get_stack()}`, which asks the cloud"
    text = "\n".join([f"{head}:", *lines, todo])
    if not pulumi.runtime.is_dry_run():
        raise pulumi.RunError(f"{text}; then run `pulumi up` again; nothing was changed")
    pulumi.log.warn(text)


def _replaced(
    args: pulumi.ResourceTransformationArgs, unmade: set[tuple[str, str]]
) -> pulumi.ResourceTransformationResult | None:
    """Replace a resource whose creation failed, if its state still says so.

    "#initerror" is the engine's own word for such a failure; no document names it, and no report
    was found. By itself the engine would change what may not be there:
    https://github.com/pulumi/pulumi/issues/15066.
    """
    if (args.type_, args.name) not in unmade:
        return None
    opts = pulumi.ResourceOptions.merge(
        args.opts, pulumi.ResourceOptions(replace_on_changes=["#initerror"])
    )
    return pulumi.ResourceTransformationResult(args.props, opts)
