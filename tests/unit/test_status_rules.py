"""Which findings the status has: each rule, just below its limit and just above."""

import pytest

from tests.unit.readings import GIB, NOW, Json, backup, cloud, disk, judged, seen
from tests.unit.readings_changed import (
    LEFT,
    entry,
    failed,
    main,
    no_queue,
    part,
    queue,
    room,
    servers,
    step,
    units,
    unreached,
    without,
)
from tools.status.rules import RULES
from tools.status.seen import REFUSED
from tools.status.units import UPDATED

NONE = dict.fromkeys(("services", "hypervisors", "agents", "servers", "room", "images"))

# The rule; what is no finding; what is one; words of the finding.
CASES: tuple[tuple[str, Json, Json, str], ...] = (
    *((name, {}, unreached(cause), "c1: ")
      for name, cause in (("node-silent", "silent"), ("node-closed", "closed"),
                          ("node-slow", "slow"), ("ssh-refused", "refused"),
                          ("host-key", "host key"), ("key-file", "key file"), ("login", "login"),
                          ("sudo", "sudo"), ("no-python", "no Python"),
                          ("unreadable", "unreadable"))),
    ("name", {}, part(name="debian"), "c1: calls itself debian: 10.0.0.20 is another machine"),
    ("service", units(libvirtd="active (exited)"), units(libvirtd="failed (failed)"),
     "c1: libvirtd does not run, it is failed (failed): its servers can't be started or stopped"),
    ("service", units(virtlogd="reloading (reload)"), units(virtlogd="activating (auto-restart)"),
     "c1: virtlogd does not run, it is activating (auto-restart)"),
    ("admin", {}, {"answers": {**NONE, "unanswered": {"keystone": REFUSED}}},
     "controller: Keystone refuses the admin's password, which is derived from"),
    ("api", {}, {"answers": {"images": None, "unanswered": {"glance": "it answers 503: no"}}},
     "controller: Glance's API does not work: it answers 503: no; no server can be made"),
    ("nova-down", entry("services", 2, up=True), entry("services", 2, up=False),
     "c1: Nova says that nova-compute is down, as it sends no sign of life"),
    ("forced-down", {}, entry("services", 2, up=False, forced_down=True),
     "c1: Nova takes nova-compute for down, as it was told to"),
    ("disabled", entry("services", 2, enabled=False, disabled_reason="new disks"),
     entry("services", 2, enabled=False, disabled_reason="AUTO: Connection to libvirt lost: 1"),
     "c1: nova-compute has disabled itself, so it gets no new servers: Connection to libvirt lost"),
    ("left-drained", entry("services", 2, enabled=False, disabled_reason="new disks"),
     entry("services", 2, enabled=False, disabled_reason=UPDATED), "c1: takes no new servers"),
    ("agent-dead", {}, entry("agents", 1, alive=False),
     "c1: Neutron says that ovn-controller is not alive: changes of networks do not reach it"),
    ("hypervisor-down", {}, entry("hypervisors", 0, up=False), "c1: Nova says that its hypervisor"),
    ("queue", queue("compute.c1", consumers=1), queue("compute.c1", consumers=0),
     "c1: nobody takes messages from queue compute.c1, where nova-compute must listen"),
    ("queue", queue("reply_1", consumers=0), no_queue("conductor"),
     "controller: there is no queue conductor, where nova-conductor must listen"),
    ("absent", {}, without("services", 2), "c1: is not in Nova's services, where its nova-compute"),
    ("absent", {}, without("agents", 0), "controller: is not in Neutron's agents"),
    ("absent", {}, without("hypervisors", 0), "c1: is not in Nova's hypervisors"),
    ("absent", {}, without("room", 0), "c1: is not in Placement's providers"),
    ("step", step(well=False, runs=True), step(well=False),
     "c1: the last run of step nova-compute, of 2026-09-21 14:13, did not end well"),
    ("never-run", {}, part(steps={}),
     "c1: these steps have never run: pre-host, tls, mysql-client"),
    ("server-error", servers(status="SHUTOFF"), servers(status="ERROR", fault="No disk"),
     "server web1 of project web on c1 is in ERROR: No disk"),
    ("server-not-made", servers(), servers(status="ERROR", compute="", fault="No valid host"),
     "server web1 of project web could not be made: No valid host"),
    ("disk-full", part(disks=[disk(0, GIB)]), part(disks=[disk(1, GIB)]),
     "c1: / has 1014 MiB free, less than 1 GiB"),
    ("disk", part(disks=[disk(90)]), part(disks=[disk(90.6)]),
     "c1: / (with /var/lib/nova/instances) is 91 % full, 9626 MiB are free (limit 90 %)"),
    ("inodes", part(disks=[disk(inodes=90)]), part(disks=[disk(inodes=90.1)]),
     "has used 90 % of its inodes"),
    ("memory", part(memory={"total": 100 * GIB, "available": 5 * GIB}),
     part(memory={"total": 100 * GIB, "available": 5 * GIB - 1}), "5120 MiB of 100 GiB memory"),
    ("killed", part(killed=None), part(killed=1), "for want of memory 1 times since the boot"),
    ("load", part(load=[99, 99, 16]), part(load=[0, 0, 16.4]),
     "c1: its load over 15 minutes is 16 with 4 CPUs, 4.1 for each (limit 4)"),
    *(("clock-off", part(clock={"offset": sign * 1.0, "source": "10.0.0.10", "follows": True}),
       part(clock={"offset": sign * 1.2, "source": "10.0.0.10", "follows": True}),
       "c1: its clock is 1.2 s off from 10.0.0.10 (limit 1 s)") for sign in (1, -1)),
    ("clock-away", part(ahead=-5), part(ahead=-600), "at least 600 s behind this machine's"),
    ("clock-away", part(ahead=5), part(ahead=6), "at least 6 s ahead of this machine's"),
    ("clock-loose", {}, part(clock={"offset": 0, "source": "", "follows": False}), "c1: chrony"),
    ("backlog", queue("q-plugin", messages=100), queue("q-plugin", messages=101),
     "controller: 101 messages wait in queue q-plugin, which has 1 consumer (limit 100)"),
    ("backlog", queue("reply_1", messages=101, consumers=0),
     queue("old", messages=101, consumers=0), "queue old, which has 0 consumers"),
    ("server-stuck", servers(status="BUILD", updated=NOW - 1800),
     servers(status="BUILD", updated=NOW - 1860),
     "server web1 of project web is in BUILD for 31 min (limit 30 min)"),
    ("server-stuck", servers(updated=NOW - 9999),
     servers(task="deleting", updated=NOW - 9999), "web1 of project web is in deleting for 3 h"),
    ("room", room(90), room(91), "91 % of the vCPUs of all computes is given to servers"),
    ("reboot", {}, part(reboot=["kernel 6.12.9 is installed, 6.12.8 runs"]),
     "c1: waits for a reboot: kernel 6.12.9 is installed, 6.12.8 runs; its servers are off"),
    ("security", part(updates={"security": [], "all": 7, "listed": NOW}),
     part(updates={"security": ["openssl"], "all": 7, "listed": NOW}),
     "c1: security updates wait, 1: openssl"),
    ("lists", part(updates={"security": [], "all": 0, "listed": NOW - 14 * 86400}),
     part(updates={"security": [], "all": 0, "listed": NOW - 15 * 86400}), "15 days old"),
    ("backup-failed", {}, main(backup=backup(failed=NOW - 60, reason="no room")),
     "controller: the backup of 2026-09-21 14:12 failed: no room; the newest one is of 2026-09-21"),
    ("backup-failed", {}, main(
        backup=backup(failed=NOW - 60, reason="no room", last=None, every=0)),
     "failed: no room; the newest one is of ?"),
    ("backup-old", main(backup=backup(last=NOW - 48 * 3600)),
     main(backup=backup(last=NOW - 72 * 3600)),
     "controller: the newest backup in /var/backups/iaas is 3 d old, and one should be made every"
     " 24 h"),
    ("backup-old", main(backup=backup(last=None, set=NOW - 60)),
     main(backup=backup(last=None, set=NOW - 72 * 3600)), "was never made"),
    ("backup-old", main(backup=backup(last=NOW - 72 * 3600, every=0)),
     main(backup=backup(last=NOW - 72 * 3600, every=12)), "every 12 h"),
    ("old-service", {}, {"answers": {"services": [*cloud()["services"], LEFT]}},
     "Nova lists nova-compute of gone, which is not in the settings"),
    ("certificate", part(certificate=NOW + 31 * 86400), part(certificate=NOW + 30 * 86400),
     "c1: its certificate ends on 2026-10-21 14:13, in 30 days (limit 31)"),
    ("public-certificate", main(public_certificate=NOW + 31 * 86400),
     main(public_certificate=NOW + 30 * 86400),
     "controller: the certificate of tls.certificateFile ends on 2026-10-21 14:13, in 30 days"),
    ("old-agent", {}, {"answers": {"agents": [*cloud()["agents"], {
        "id": "x", "binary": "ovn-controller", "host": "gone", "alive": False, "enabled": True}]}},
     "Neutron lists ovn-controller of gone"),
    ("unit", {}, failed("logrotate.service"), "c1: systemd says that logrotate.service has failed"),
    ("unread", {}, part(updates=None, unread={"updates": "OSError: apt"}),
     "c1: its updates can't be read: OSError: apt"),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "fine", "wrong", "says"), CASES, ids=[c[0] for c in CASES])
def test_each_rule_tells_what_is_over_its_limit_and_nothing_else(
    rule: str, fine: Json, wrong: Json, says: str
) -> None:
    assert rule not in {finding.rule for finding in judged(seen(**fine))}
    findings = judged(seen(**wrong))
    assert [finding.rule for finding in findings] == [rule]
    assert says in f"{findings[0].where}: {findings[0].message}".removeprefix(": ")
    assert findings[0].commands


def test_every_rule_has_a_case() -> None:
    assert {case[0] for case in CASES} == {rule.name for rule in RULES}
    assert all(rule.unit and rule.why for rule in RULES if rule.limit is not None)


def test_nothing_needs_a_person_in_a_healthy_cloud() -> None:
    assert judged(seen()) == ()


def test_an_empty_cloud_is_healthy() -> None:
    assert judged(seen(computes=1, answers={"servers": [], **empty()})) == ()


def empty() -> Json:
    """Return the lists of a cloud with one compute."""
    return {key: value for key, value in cloud(1).items() if key != "servers"}
