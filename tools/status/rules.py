"""What needs a person: the table of rules, each with its limit and the commands that help."""

from dataclasses import dataclass
from typing import Literal

from . import in_cloud, on_nodes
from .hits import Find

Severity = Literal["broken", "soon"]
"""Whether something does not work now, or will not if nobody looks after it."""


@dataclass(frozen=True)
class Rule:
    """A rule of the table. Of two that say something of the same thing the first one speaks.

    find: all that it looks at. limit: those whose value is above it are findings, or below it, if
    `under`; none: all are. unit and why: of the limit. says: the sentence, with the words of the
    hit, {value} and {limit}. do: the commands that help; before each is where: `node` and
    `controller` (by ssh, as root), `make` (here, for the same stack), `openstack` (on
    the controller, as the admin), `console` (at the node's own), `here` (where Pulumi runs); `log`
    shows the errors of a unit, and `key` the keys that are used.
    follows: nothing else is to be expected of a node that does not answer.
    """

    name: str
    severity: Severity
    find: Find
    says: str
    do: tuple[str, ...]
    limit: float | None = None
    unit: str = ""
    why: str = ""
    under: bool = False
    follows: bool = False


PING = "here: ping -c 3 {host}"
UP = "here: {pulumi} up"
LOOK = "node: journalctl -u {unit} -n 50 --no-pager"
LOG = "log: {unit}"
KEYSTONE = on_nodes.expected("controller")["keystone"]
RESTART = "node: systemctl restart {unit}"

NODES = (
    Rule("node-silent", "broken", on_nodes.unreached("silent"),
         "does not answer at {host}: {said}{heard}", (PING,)),
    Rule("node-closed", "broken", on_nodes.unreached("closed"),
         "ends the connection at {host}: {said}{heard}", (PING, "node: uptime")),
    Rule("node-slow", "broken", on_nodes.unreached("slow"),
         "was asked, but gave {said}: it is overloaded, or a disk hangs{heard}", ("node: uptime",)),
    Rule("ssh-refused", "broken", on_nodes.unreached("refused"),
         "has no ssh service on port {port} of {host}: {said}{heard}",
         ("console: systemctl restart ssh",)),
    Rule("host-key", "broken", on_nodes.unreached("host key"),
         "has another ssh host key at {host} than hostKey in the settings: it was reinstalled, or"
         " another machine has its address{heard}", ("here: ssh-keyscan -p {port} {host}",)),
    Rule("key-file", "broken", on_nodes.unreached("key file"),
         "can't be asked: ssh does not take the key file of ssh.privateKeyFile: {said}",
         ("here: ls -l {key}",)),
    Rule("login", "broken", on_nodes.unreached("login"),
         "does not let {user} in at {host}: {said}{heard}", ("key", "node: true")),
    Rule("sudo", "broken", on_nodes.unreached("sudo"),
         "does not let {user} become root without a password: {said}", ("node: true",)),
    Rule("no-python", "broken", on_nodes.unreached("no Python"),
         "has no Python: the cloud is not installed on it ({said})", (UP,)),
    Rule("unreadable", "broken", on_nodes.unreached("unreadable"),
         "gave a reading that is not understood: {said}", ("node: python3 --version",)),
    Rule("name", "broken", on_nodes.names,
         "calls itself {is}: {host} is another machine, or the cloud is not installed on it",
         ("node: hostname", UP)),
)  # fmt: skip

SERVICES = (
    Rule("service", "broken", on_nodes.not_running,
         "{unit} does not run, it is {state}: {without}", (LOOK, LOG, RESTART)),
    Rule("admin", "broken", in_cloud.unanswered(refused=True),
         "{service} refuses the admin's password, which is derived from the stack's secret: it was"
         " changed by hand, or the secret by a run that failed; no list of the cloud is shown",
         (f"node: {KEYSTONE}", UP)),
    Rule("api", "broken", in_cloud.unanswered(refused=False),
         "{service}'s API does not work: {reason}; {without}",
         (LOG, RESTART)),
    Rule("forced-down", "broken", in_cloud.down(forced=True),
         "Nova takes {unit} for down, as it was told to when its servers were made anew elsewhere:"
         " {without}", ("make: evacuate NODE={node} BACK=1",), follows=True),
    Rule("nova-down", "broken", in_cloud.down(forced=False),
         "Nova says that {unit} is down, as it sends no sign of life: {without}",
         (LOG, RESTART), follows=True),
    Rule("disabled", "broken", in_cloud.disabled,
         "{unit} has disabled itself, so it gets no new servers: {reason}", (LOG, RESTART),
         follows=True),
    Rule("agent-dead", "broken", in_cloud.dead,
         "Neutron says that {unit} is not alive: {without}", (LOG, RESTART), follows=True),
    Rule("hypervisor-down", "broken", in_cloud.hypervisors,
         "Nova says that its hypervisor is down: no server can be made there",
         (LOG, RESTART), follows=True),
    Rule("queue", "broken", on_nodes.deaf,
         "{what}, where {unit} must listen: {without}", (LOG, RESTART), follows=True),
    Rule("absent", "broken", in_cloud.absent,
         "is not in {list}, where its {unit} must be", (LOG, UP), follows=True),
    Rule("step", "broken", on_nodes.unfinished,
         "the last run of step {step}, of {began}, did not end well",
         ("node: tail -n 30 /var/log/iaas/{step}.log", "node: {script}", UP)),
    Rule("never-run", "broken", on_nodes.never_run,
         "these steps have never run: {steps}", (UP,)),
    Rule("server-error", "broken", in_cloud.errors(built=True),
         "server {server} of project {project} on {compute} is in ERROR: {fault}",
         ("openstack: server show {id}", "openstack: server reboot --hard {id}")),
    Rule("server-not-made", "broken", in_cloud.errors(built=False),
         "server {server} of project {project} could not be made: {fault}",
         ("openstack: server show {id}", UP)),
)  # fmt: skip

ROOM = (
    Rule("disk-full", "broken", on_nodes.free,
         "{folder} has {free} free, less than {limit} GiB: services stop when it is full",
         ("node: du -xh -d 3 -t 200M {folder}",), 1, "GiB",
         "MariaDB, RabbitMQ and apt fail in the middle of what they write", under=True),
    Rule("disk", "soon", on_nodes.used,
         "{folders} is {value:.0f} % full, {free} are free (limit {limit} %)",
         ("node: du -xh -d 3 -t 1G {folder}",), 90, "%",
         "room for a day of logs, an image and an update"),
    Rule("inodes", "soon", on_nodes.inodes,
         "{folders} has used {value:.0f} % of its inodes (limit {limit} %): then no file can be"
         " made, though there is room", ("node: du -x --inodes -d 3 -t 10000 {folder}",), 90, "%",
         "the number of files is fixed when a disk is formatted"),
    Rule("memory", "soon", on_nodes.memory,
         "{free} of {total} memory are left, {value:.0f} % (limit {limit} %): the kernel will kill"
         " processes", ("node: ps -eo rss,comm --sort=-rss | head",), 5, "%",
         "what caches and short peaks need", under=True),
    Rule("killed", "soon", on_nodes.killed,
         "the kernel has killed processes for want of memory {value:.0f} times since the boot"
         " ({booted})", ("node: journalctl -k -g oom-kill --no-pager",), 0, "times",
         "each one may have been a server or a service"),
    Rule("load", "soon", on_nodes.load,
         "its load over 15 minutes is {load} with {cpus}, {value:.1f} for each (limit {limit})",
         ("node: top -b -n 1",), 4, "for each CPU",
         "servers may share CPUs; above it services miss their signs of life"),
    Rule("clock-off", "broken", on_nodes.offset,
         "its clock is {value:.1f} s off from {source} (limit {limit} s)",
         ("node: chronyc sources", "node: chronyc makestep"), 1, "s",
         "logs of nodes no longer fit together; at 60 s Nova takes its services for dead"),
    Rule("clock-away", "broken", on_nodes.ahead,
         "its clock is at least {value:.0f} s {way} this machine's (limit {limit} s); if it is so"
         " on all nodes, this machine's is wrong",
         ("node: chronyc sources", "here: date -u", "node: date -u"), 5, "s",
         "chrony may follow a clock that is wrong itself"),
    Rule("clock-loose", "soon", on_nodes.loose,
         "chrony follows no clock, so the node's own drifts",
         ("node: chronyc sources", "node: systemctl restart chrony")),
    Rule("backlog", "soon", on_nodes.backlog,
         "{value:.0f} messages wait in queue {queue}, which has {consumers} (limit {limit})",
         ("controller: rabbitmqctl list_queues name messages consumers",
          "controller: rabbitmqctl list_queues -p neutron name messages consumers"),
         100, "messages",
         "a healthy queue is empty at almost any moment"),
    Rule("server-stuck", "soon", in_cloud.stuck,
         "server {server} of project {project} is in {state} for {ago} (limit {limit} min)",
         ("openstack: server show {id}", "openstack: server event list {id}"), 30, "min",
         "a copy of a large disk takes minutes"),
    Rule("room", "soon", in_cloud.room,
         "{value:.0f} % of the {class} of all computes is given to servers (limit {limit} %)",
         ("openstack: hypervisor list --long",), 90, "%",
         "one compute's servers must find room on the others when it fails"),
)  # fmt: skip

CARE = (
    Rule("reboot", "soon", on_nodes.reboot,
         "waits for a reboot: {reason}; {stop} meanwhile", ("make: update NODES={node}",)),
    Rule("security", "soon", on_nodes.security,
         "security updates wait, {value:.0f}: {names}",
         ("node: apt list --upgradable", "make: update"), 0, "packages",
         "their holes are public"),
    Rule("left-drained", "soon", in_cloud.left_drained,
         "takes no new servers, as an update has drained it, and has stopped there or is under way",
         ("make: update NODES={node}",)),
    Rule("lists", "soon", on_nodes.lists,
         "apt's lists are {value:.0f} days old (limit {limit}): whether security updates wait is"
         " not known", ("node: apt-get update",), 14, "days",
         "Debian publishes security updates every few days"),
    Rule("certificate", "soon", on_nodes.certificate,
         "its certificate ends on {until}, in {value:.0f} days (limit {limit}): then the other"
         " nodes do not trust it", (UP,), 31, "days",
         "the first `pulumi up` of a year renews it, so there was none for more than a year",
         under=True),
    Rule("public-certificate", "soon", on_nodes.public_certificate,
         "the certificate of tls.certificateFile ends on {until}, in {value:.0f} days (limit"
         " {limit}): then users do not trust the APIs", (UP,), 31, "days",
         "a team needs some weeks for a new one",
         under=True),
    Rule("backup-failed", "soon", on_nodes.backup_failed,
         "the backup of {when} failed: {reason}; the newest one is of {last}",
         ("make: backup", "node: journalctl -u iaas-backup -n 20 --no-pager")),
    Rule("backup-old", "soon", on_nodes.backup_age,
         "the newest backup in {place} {age}, and one should be made every {every} h",
         ("make: backup", "node: systemctl status iaas-backup.timer"), 2, "times as old",
         "one run may be late or wait for a reboot"),
    Rule("old-service", "soon", in_cloud.old_services,
         "Nova lists {unit} of {host}, which is not in the settings",
         ("openstack: compute service delete {id}",)),
    Rule("old-agent", "soon", in_cloud.old_agents,
         "Neutron lists {unit} of {host}, which is not in the settings",
         ("openstack: network agent delete {id}",)),
    Rule("unit", "soon", on_nodes.failed,
         "systemd says that {unit} has failed", (LOOK, RESTART)),
    Rule("unread", "soon", on_nodes.unread,
         "its {part} can't be read: {reason}", ("node: systemctl --failed", "node: uptime")),
)  # fmt: skip

RULES: tuple[Rule, ...] = (*NODES, *SERVICES, *ROOM, *CARE)
