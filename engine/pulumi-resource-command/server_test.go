package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// key is one key pair: the contents of a private key file, and its authorized-keys line.
type key struct{ private, public string }

func newKey(t *testing.T, private crypto.Signer) key {
	t.Helper()
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return key{string(pem.EncodeToMemory(block)), string(ssh.MarshalAuthorizedKey(public))}
}

func newEd25519(t *testing.T) key {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return newKey(t, private)
}

func newECDSA(t *testing.T) key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return newKey(t, private)
}

// host is an sshd of the test's own, with two host keys, that lets one key log in.
type host struct {
	dir            string
	port           int
	user           string
	login          key
	ed25519, ecdsa key
}

// newHost prepares a host on a free port; start makes it answer.
func newHost(t *testing.T) *host {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return &host{
		dir: t.TempDir(), port: listener.Addr().(*net.TCPAddr).Port, user: me.Username,
		login: newEd25519(t), ed25519: newEd25519(t), ecdsa: newECDSA(t),
	}
}

func startHost(t *testing.T) *host {
	t.Helper()
	h := newHost(t)
	h.start(t)
	return h
}

func (h *host) start(t *testing.T) {
	t.Helper()
	sshd, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		t.Fatalf("these tests run an sshd of their own, from Debian's openssh-server: %v", err)
	}
	if os.Geteuid() == 0 {
		// sshd insists on this folder; its service makes it where one runs.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	h.write(t, "ed25519", h.ed25519.private)
	h.write(t, "ecdsa", h.ecdsa.private)
	h.write(t, "authorized_keys", h.login.public)
	config := h.write(t, "sshd_config", fmt.Sprintf(`
ListenAddress 127.0.0.1
Port %d
HostKey %s/ed25519
HostKey %[2]s/ecdsa
AuthorizedKeysFile %[2]s/authorized_keys
PasswordAuthentication no
AcceptEnv GREETING PULUMI_COMMAND_STDOUT
PidFile none
StrictModes no
UsePAM no
`, h.port, h.dir))
	startProcess(t, exec.Command(sshd, "-D", "-e", "-f", config))
	awaitSocket(t, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(h.port)))
}

func (h *host) write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(h.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// startProcess starts a process that ends with the test, and shows what it said if the test failed.
func startProcess(t *testing.T, command *exec.Cmd) {
	t.Helper()
	var said strings.Builder
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		command.Process.Kill()
		command.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(command.Path), said.String())
		}
	})
}

func awaitSocket(t *testing.T, network, address string) {
	t.Helper()
	for range 200 {
		connection, err := net.Dial(network, address)
		if err == nil {
			connection.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("nothing answers at %s", address)
}

// shown collects the lines that the plugin shows while it works, and may do something at one of them.
type shown struct {
	mutex sync.Mutex
	lines []string
	when  map[string]func()
}

// watch makes a shown of the lines from here to the test's end.
func watch(t *testing.T, when map[string]func()) *shown {
	t.Helper()
	s := &shown{when: when}
	before := slog.Default()
	slog.SetDefault(slog.New(s))
	t.Cleanup(func() { slog.SetDefault(before) })
	return s
}

func (s *shown) Enabled(context.Context, slog.Level) bool { return true }
func (s *shown) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s *shown) WithGroup(string) slog.Handler            { return s }

func (s *shown) Handle(_ context.Context, record slog.Record) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.lines = append(s.lines, record.Message)
	for part, do := range s.when {
		if strings.Contains(record.Message, part) {
			delete(s.when, part)
			do()
		}
	}
	return nil
}

func (s *shown) text() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return strings.Join(s.lines, "\n")
}
