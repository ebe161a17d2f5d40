package main

import (
	"fmt"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const urn = resource.URN("urn:pulumi:stack::project::command:remote:Command::step")

// values are a resource's properties, or an object among them.
type values map[string]any

func (v values) with(more values) values {
	all := maps.Clone(v)
	maps.Copy(all, more)
	return all
}

func (v values) properties() property.Map {
	all := map[string]property.Value{}
	for name, value := range v {
		switch value := value.(type) {
		case values:
			all[name] = property.New(value.properties())
		case string:
			all[name] = property.New(value)
		case int:
			all[name] = property.New(float64(value))
		case bool:
			all[name] = property.New(value)
		default:
			panic(fmt.Sprintf("%T", value))
		}
	}
	return property.NewMap(all)
}

// connection logs in to the host with its key, its host key pinned, and doesn't wait for it.
func (h *host) connection() values {
	return values{
		"host": "127.0.0.1", "port": h.port, "user": h.user,
		"privateKey": h.login.private, "hostKey": h.ed25519.public, "dialErrorLimit": 0,
	}
}

func newPlugin(t *testing.T) integration.Server {
	t.Helper()
	server, err := integration.NewServer(t.Context(), "command", semver.MustParse("1.2.1"), integration.WithProvider(plugin()))
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func check(t *testing.T, plugin integration.Server, inputs values) property.Map {
	t.Helper()
	checked, err := plugin.Check(p.CheckRequest{Urn: urn, Inputs: inputs.properties()})
	if err != nil || len(checked.Failures) > 0 {
		t.Fatalf("check: %v %v", err, checked.Failures)
	}
	return checked.Inputs
}

func create(t *testing.T, inputs values) (property.Map, error) {
	t.Helper()
	plugin := newPlugin(t)
	created, err := plugin.Create(p.CreateRequest{Urn: urn, Properties: check(t, plugin, inputs)})
	return created.Properties, err
}

func mustCreate(t *testing.T, inputs values) property.Map {
	t.Helper()
	state, err := create(t, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func text(state property.Map, name string) string { return state.Get(name).AsString() }

func TestOutput(t *testing.T) {
	h := startHost(t)
	for name, test := range map[string]struct {
		inputs         values
		stdout, stderr string
	}{
		"both streams come back without their last newline": {
			values{"create": "echo out; echo err >&2"}, "out", "err"},
		"stdin reaches the command": {
			values{"create": "cat", "stdin": "one\ntwo"}, "one\ntwo", ""},
		"the environment reaches the command": {
			values{"create": "echo $GREETING", "environment": values{"GREETING": "hello"}}, "hello", ""},
		"a very long line without a newline comes back whole": {
			values{"create": "head -c 1000000 /dev/zero | tr '\\0' x"}, strings.Repeat("x", 1000000), ""},
		"bytes that are no text are replaced": {
			values{"create": `printf 'a\377b'`}, "a\uFFFDb", ""},
		"without create nothing runs": {
			values{"delete": "true"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			state := mustCreate(t, test.inputs.with(values{"connection": h.connection()}))
			if got := text(state, "stdout"); got != test.stdout {
				t.Errorf("stdout is %.100q (%d bytes)", got, len(got))
			}
			if got := text(state, "stderr"); got != test.stderr {
				t.Errorf("stderr is %.100q (%d bytes)", got, len(got))
			}
		})
	}
}

func TestALineIsShownWhileTheCommandRuns(t *testing.T) {
	h := startHost(t)
	seen := filepath.Join(h.dir, "seen")
	watch(t, map[string]func(){"first": func() { os.WriteFile(seen, nil, 0o600) }})
	state := mustCreate(t, values{
		"connection": h.connection(),
		"create":     "echo first; timeout 20 sh -c 'until [ -e " + seen + " ]; do sleep 0.1; done'; echo $?",
	})
	if got := text(state, "stdout"); got != "first\n0" {
		t.Errorf("the command ended without its first line being seen: %q", got)
	}
}

func TestLoggingChoosesWhatIsShown(t *testing.T) {
	h := startHost(t)
	for logging, shown := range map[string]string{
		"": "out err", "stdout": "out", "stderr": "err", "stdoutAndStderr": "out err", "none": "",
	} {
		t.Run(logging, func(t *testing.T) {
			inputs := values{"connection": h.connection(), "create": "echo out; sleep 0.2; echo err >&2"}
			if logging != "" {
				inputs["logging"] = logging
			}
			watched := watch(t, nil)
			mustCreate(t, inputs)
			for _, line := range []string{"out", "err"} {
				if strings.Contains(watched.text(), line) != strings.Contains(shown, line) {
					t.Errorf("shown: %q, want %q", watched.text(), shown)
				}
			}
		})
	}
}

func TestAFailureSaysWhyAndHoldsNoSecret(t *testing.T) {
	h := startHost(t)
	t.Setenv("SSH_AUTH_SOCK", "")
	const secret = "s3cret"
	for name, test := range map[string]struct {
		inputs     values
		connection values
		want       []string
	}{
		"the exit status and stderr": {
			values{"create": "cat >/dev/null; echo the reason >&2; exit 3"}, nil,
			[]string{"exit status 3", "the reason"}},
		"the end of a long stderr": {
			values{"create": "seq 100000 >&2; exit 4"}, nil, []string{"exit status 4", "\n99999\n100000"}},
		"nothing on stderr": {
			values{"create": "exit 5"}, nil, []string{"exit status 5", "nothing on stderr"}},
		"a signal": {
			values{"create": "kill -KILL $$"}, nil, []string{"signal KILL"}},
		"a variable that the server refuses": {
			values{"create": "true", "environment": values{"REFUSED": secret}}, nil, []string{"REFUSED", "AcceptEnv"}},
		"another host key": {
			values{"create": "true"}, values{"hostKey": newEd25519(t).public},
			[]string{"ssh: host key mismatch", "SHA256:"}},
		"no host key of the pinned type": {
			values{"create": "true"}, values{"hostKey": "ssh-rsa " + rsaKey}, []string{"ssh: host key mismatch"}},
		"another login key": {
			values{"create": "true"}, values{"privateKey": newEd25519(t).private}, []string{"unable to authenticate"}},
		"a wrong password": {
			values{"create": "true"}, values{"privateKey": "", "password": secret}, []string{"unable to authenticate"}},
		"a broken private key": {
			values{"create": "true"}, values{"privateKey": "-----BEGIN " + secret}, []string{"reading privateKey"}},
		"no key and no agent": {
			values{"create": "true"}, values{"privateKey": ""}, []string{"SSH_AUTH_SOCK isn't set"}},
		"an agent that is gone": {
			values{"create": "true"}, values{"agentSocketPath": filepath.Join(h.dir, "gone")}, []string{"ssh agent"}},
	} {
		t.Run(name, func(t *testing.T) {
			connection := h.connection().with(values{"dialErrorLimit": 10}).with(test.connection)
			maps.DeleteFunc(connection, func(_ string, value any) bool { return value == "" })
			watched := watch(t, nil)
			_, err := create(t, test.inputs.with(values{"connection": connection, "stdin": secret}))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error lacks %q:\n%s", want, err)
				}
			}
			for _, leak := range []string{secret, "PRIVATE KEY", text(test.inputs.properties(), "create")} {
				if leak != "true" && strings.Contains(err.Error()+watched.text(), leak) {
					t.Errorf("%q is in the error or the lines shown:\n%s\n%s", leak, err, watched.text())
				}
			}
			if strings.Contains(watched.text(), "failed") {
				t.Errorf("it was tried again:\n%s", watched.text())
			}
		})
	}
}

// rsaKey is the public part of a key whose private part was thrown away.
const rsaKey = "AAAAB3NzaC1yc2EAAAADAQABAAABAQC7lYcVqIZnCh+yEI6l7BbVwrN0eqgBcImOuZjmHwpuc1pmNCvPqy5EDGC7OHfzmBWElCFreAT46bIcmRU1f3NtcbWQCbV62kwzexoRNjU/9JYOcr39cuo2eezz4WNvAT37NSx67KaWltIjnJrp5J+cLEqHEUOqGDw3sxZNl33VdOXS7c8yBU5XF+tGiSXXJ9H6XOoU1gREPN/VCz6RJRz6DJS8mvLfNDwnmUN97VNKWJb6w1rRXN4k/gcg9qPpz0vqXnwKYa3kQnmhaA+6o4S7O5KqClp8idHw8kVjiWCZm56WEtMSdqyomhsbIDgGuaspj0OHpnXG7FQMHCf0mVhN"

func TestCheckRefusesByNameAndShowsNoValue(t *testing.T) {
	h := newHost(t)
	for name, test := range map[string]struct{ inputs, connection values }{
		"connection.proxy":   {nil, values{"proxy": values{"host": "bastion"}}},
		"connection.hostKey": {nil, values{"hostKey": "no key"}},
		"hostkey":            {nil, values{"hostkey": h.ed25519.public}},
		"port":               {nil, values{"port": "ssh"}},
		"logging":            {values{"logging": "everything"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			inputs := test.inputs.with(nil)
			if inputs == nil {
				inputs = values{}
			}
			inputs["connection"] = h.connection().with(test.connection)
			checked, err := newPlugin(t).Check(p.CheckRequest{Urn: urn, Inputs: inputs.properties()})
			if err != nil || len(checked.Failures) != 1 {
				t.Fatalf("want one failure, got %v %v", err, checked.Failures)
			}
			failure := checked.Failures[0]
			if !strings.Contains(failure.Reason, name) || strings.Contains(failure.Reason, "PRIVATE KEY") {
				t.Errorf("reason: %s", failure.Reason)
			}
			if failure.Property != "" {
				t.Errorf("the engine would print the value of %s", failure.Property)
			}
		})
	}
}

func TestEachOfAServersHostKeysCanBePinned(t *testing.T) {
	h := startHost(t)
	for name, hostKey := range map[string]string{"ed25519": h.ed25519.public, "ecdsa": h.ecdsa.public, "none": ""} {
		t.Run(name, func(t *testing.T) {
			mustCreate(t, values{"connection": h.connection().with(values{"hostKey": hostKey}), "create": "true"})
		})
	}
}

func TestAConnectionThatIsRefusedIsTriedAgainUntilTheHostAnswers(t *testing.T) {
	h := newHost(t)
	watch(t, map[string]func(){"try 1 failed": func() { h.start(t) }})
	state := mustCreate(t, values{"connection": h.connection().with(values{"dialErrorLimit": -1}), "create": "echo up"})
	if got := text(state, "stdout"); got != "up" {
		t.Errorf("stdout is %q", got)
	}
}

func TestAConnectionThatIsRefusedFailsAfterTheLimit(t *testing.T) {
	h := newHost(t)
	watched := watch(t, nil)
	_, err := create(t, values{"connection": h.connection().with(values{"dialErrorLimit": 2}), "create": "true"})
	if err == nil || !strings.Contains(err.Error(), "failed 3 times") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error: %v", err)
	}
	if got := watched.text(); strings.Count(got, "failed") != 2 || !strings.Contains(got, "try 2 failed") {
		t.Errorf("shown:\n%s", got)
	}
}

func TestPreviewDoesNotConnect(t *testing.T) {
	h, plugin := newHost(t), newPlugin(t)
	inputs := check(t, plugin, values{"connection": h.connection(), "create": "true"})
	created, err := plugin.Create(p.CreateRequest{Urn: urn, Properties: inputs, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if !created.Properties.Get("stdout").IsComputed() {
		t.Errorf("stdout is known in a preview of create: %v", created.Properties.Get("stdout"))
	}
	state := created.Properties.Set("stdout", property.New("old")).Set("stderr", property.New(""))
	changed := inputs.Set("create", property.New("false"))
	updated, err := plugin.Update(p.UpdateRequest{Urn: urn, State: state, Inputs: changed, OldInputs: inputs, DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	if !updated.Properties.Get("stdout").IsComputed() {
		t.Errorf("stdout is known in a preview of update: %v", updated.Properties.Get("stdout"))
	}
}

func TestUpdateRunsUpdateOrElseCreate(t *testing.T) {
	h := startHost(t)
	for name, test := range map[string]struct {
		inputs values
		stdout string
		shown  string
	}{
		"update":                  {values{"update": "echo updated"}, "updated", ""},
		"create":                  {values{"create": "echo again"}, "again", ""},
		"with the output before":  {values{"update": "echo $PULUMI_COMMAND_STDOUT"}, "before", ""},
		"without it, where asked": {values{"update": "echo $PULUMI_COMMAND_STDOUT", "addPreviousOutputInEnv": false}, "", ""},
		"and warns where the server refuses it": {
			values{"create": "echo before >&2; echo before", "update": "echo $PULUMI_COMMAND_STDERR"}, "", "refused PULUMI_COMMAND_STDERR"},
	} {
		t.Run(name, func(t *testing.T) {
			plugin := newPlugin(t)
			first := values{"connection": h.connection(), "create": "echo before; echo before >&2"}
			inputs := check(t, plugin, first)
			created, err := plugin.Create(p.CreateRequest{Urn: urn, Properties: inputs})
			if err != nil {
				t.Fatal(err)
			}
			watched := watch(t, nil)
			changed := check(t, plugin, first.with(test.inputs))
			updated, err := plugin.Update(p.UpdateRequest{
				ID: created.ID, Urn: urn, State: created.Properties, Inputs: changed, OldInputs: inputs,
			})
			if err != nil {
				t.Fatal(err)
			}
			if got := text(updated.Properties, "stdout"); got != test.stdout {
				t.Errorf("stdout is %q", got)
			}
			if !strings.Contains(watched.text(), test.shown) {
				t.Errorf("shown:\n%s", watched.text())
			}
		})
	}
}

func TestDeleteRunsDeleteAsItWasSaved(t *testing.T) {
	h, plugin := startHost(t), newPlugin(t)
	deleted := filepath.Join(h.dir, "deleted")
	state := mustCreate(t, values{"connection": h.connection(), "create": "true", "delete": "cat >" + deleted, "stdin": "saved"})
	if err := plugin.Delete(p.DeleteRequest{ID: "step", Urn: urn, Properties: state}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(deleted); string(got) != "saved" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAChangedInputIsAnUpdateAndNoChangeIsNone(t *testing.T) {
	h, plugin := newHost(t), newPlugin(t)
	before := values{"connection": h.connection(), "create": "true", "stdin": "one"}
	inputs := check(t, plugin, before)
	state := inputs.Set("stdout", property.New("")).Set("stderr", property.New(""))
	for name, test := range map[string]struct {
		changed values
		want    bool
	}{
		"nothing":    {nil, false},
		"stdin":      {values{"stdin": "two"}, true},
		"connection": {values{"connection": h.connection().with(values{"dialErrorLimit": 3})}, true},
	} {
		t.Run(name, func(t *testing.T) {
			diff, err := plugin.Diff(p.DiffRequest{
				ID: "step", Urn: urn, State: state, OldInputs: inputs, Inputs: check(t, plugin, before.with(test.changed)),
			})
			if err != nil || diff.HasChanges != test.want {
				t.Errorf("changes: %v, %v", diff.HasChanges, err)
			}
			for path, change := range diff.DetailedDiff {
				if change.Kind != p.Update {
					t.Errorf("%s is %s", path, change.Kind)
				}
			}
		})
	}
}

func TestTheConnectionIsSecretInInputsAndState(t *testing.T) {
	h, plugin := startHost(t), newPlugin(t)
	inputs := check(t, plugin, values{"connection": h.connection(), "create": "true"})
	created, err := plugin.Create(p.CreateRequest{Urn: urn, Properties: inputs})
	if err != nil {
		t.Fatal(err)
	}
	for where, properties := range map[string]property.Map{"inputs": inputs, "state": created.Properties} {
		if !properties.Get("connection").Secret() {
			t.Errorf("the connection is no secret in the %s", where)
		}
	}
}

func TestTheAgentLogsInWhereThereIsNoKeyAndNoPassword(t *testing.T) {
	h := startHost(t)
	binary, err := exec.LookPath("ssh-agent")
	if err != nil {
		t.Fatalf("this test runs an ssh-agent of its own, from Debian's openssh-client: %v", err)
	}
	socket := filepath.Join(h.dir, "agent")
	startProcess(t, exec.Command(binary, "-D", "-a", socket))
	awaitSocket(t, "unix", socket)
	connection, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	private, err := ssh.ParseRawPrivateKey([]byte(h.login.private))
	if err != nil {
		t.Fatal(err)
	}
	if err := agent.NewClient(connection).Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}

	keyless := h.connection()
	delete(keyless, "privateKey")
	for name, test := range map[string]struct {
		environment string
		connection  values
	}{
		"by SSH_AUTH_SOCK":   {socket, keyless},
		"by agentSocketPath": {"", keyless.with(values{"agentSocketPath": socket})},
		"and a dead one doesn't matter where there is a key": {filepath.Join(h.dir, "gone"), h.connection()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SSH_AUTH_SOCK", test.environment)
			mustCreate(t, values{"connection": test.connection, "create": "true"})
		})
	}
}

func TestCancelEndsACommandThatRuns(t *testing.T) {
	h, plugin := startHost(t), newPlugin(t)
	toTheEnd := filepath.Join(h.dir, "to-the-end")
	inputs := check(t, plugin, values{
		"connection": h.connection(),
		"create":     "timeout 20 sh -c 'while echo tick; do sleep 0.1; done'; [ $? != 124 ] || touch " + toTheEnd,
	})
	watch(t, map[string]func(){"tick": func() { plugin.Cancel() }})
	_, err := plugin.Create(p.CreateRequest{Urn: urn, Properties: inputs})
	if err == nil || !strings.Contains(err.Error(), "cancelled") {
		t.Errorf("error: %v", err)
	}
	if _, err := os.Stat(toTheEnd); err == nil {
		t.Error("the command ran to its end")
	}
}

func TestAConnectionLostOnTheWayIsAnError(t *testing.T) {
	h := startHost(t)
	_, err := create(t, values{"connection": h.connection(), "create": "kill -KILL $PPID"})
	if err == nil || !strings.Contains(err.Error(), "connection broke") {
		t.Errorf("error: %v", err)
	}
}
