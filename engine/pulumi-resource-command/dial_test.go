package main

import (
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

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
