package main

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	p "github.com/pulumi/pulumi-go-provider"
)

func TestACommandGetsItsInputAndItsOutputComesBack(t *testing.T) {
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
