package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Connection says how to reach a host and log in, with the vendor's names.
type Connection struct {
	Host               string         `pulumi:"host"`
	Port               *float64       `pulumi:"port,optional"`
	User               *string        `pulumi:"user,optional"`
	Password           *string        `pulumi:"password,optional" provider:"secret"`
	PrivateKey         *string        `pulumi:"privateKey,optional" provider:"secret"`
	PrivateKeyPassword *string        `pulumi:"privateKeyPassword,optional" provider:"secret"`
	AgentSocketPath    *string        `pulumi:"agentSocketPath,optional"`
	HostKey            *string        `pulumi:"hostKey,optional"`
	DialErrorLimit     *int           `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int           `pulumi:"perDialTimeout,optional"`
	Proxy              map[string]any `pulumi:"proxy,optional" provider:"secret"`
}

// Annotate gives the connection the vendor's defaults: errors by number (-1: no limit), time in seconds (0: no limit).
func (c *Connection) Annotate(a infer.Annotator) {
	a.SetDefault(&c.Port, 22)
	a.SetDefault(&c.User, "root")
	a.SetDefault(&c.DialErrorLimit, 10)
	a.SetDefault(&c.PerDialTimeout, 15)
}

// final is an error that another try can't mend.
type final struct{ error }

// dial connects and logs in. While the network is what fails, as with a host that boots, it tries again,
// 0.1 s later at first and then ever slower, until more than dialErrorLimit tries have failed.
func (c Connection) dial(ctx context.Context) (*ssh.Client, error) {
	address := net.JoinHostPort(c.Host, strconv.Itoa(int(orDefault(c.Port, 22))))
	config, done, err := c.clientConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", address, err)
	}
	defer done()
	limit := orDefault(c.DialErrorLimit, 10)
	pause := 100 * time.Millisecond
	for failed := 1; ; failed++ {
		client, err := dialOnce(ctx, address, config)
		switch {
		case err == nil:
			return client, nil
		case ctx.Err() != nil, errors.As(err, new(final)):
			return nil, fmt.Errorf("connecting to %s: %w", address, err)
		case limit >= 0 && failed > limit:
			return nil, fmt.Errorf("connecting to %s: failed %d times, at last: %w", address, failed, err)
		}
		p.GetLogger(ctx).InfoStatusf("connecting to %s: try %d failed: %v", address, failed, err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(pause*3/2, 15*time.Second)
	}
}

func dialOnce(ctx context.Context, address string, config *ssh.ClientConfig) (*ssh.Client, error) {
	dialer := net.Dialer{Timeout: config.Timeout}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { connection.Close() })()
	// A host that is going down may take a connection and then say nothing.
	if config.Timeout > 0 {
		connection.SetDeadline(time.Now().Add(config.Timeout))
	}
	client, channels, requests, err := ssh.NewClientConn(connection, address, config)
	if err != nil {
		connection.Close()
		var network net.Error
		var noCommon *ssh.AlgorithmNegotiationError
		switch {
		case errors.As(err, &network), errors.Is(err, io.EOF):
		case errors.As(err, &noCommon) && config.HostKeyAlgorithms != nil:
			err = final{fmt.Errorf("ssh: host key mismatch: the server has no key of hostKey's type: %w", err)}
		default:
			err = final{err}
		}
		return nil, err
	}
	connection.SetDeadline(time.Time{})
	return ssh.NewClient(client, channels, requests), nil
}

// clientConfig is what the ssh library needs. Call done after the login: it ends the connection to the ssh agent.
func (c Connection) clientConfig(ctx context.Context) (config *ssh.ClientConfig, done func(), err error) {
	config = &ssh.ClientConfig{
		User:            orDefault(c.User, "root"),
		Timeout:         time.Duration(orDefault(c.PerDialTimeout, 15)) * time.Second,
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	}
	pinned, err := parseHostKey(c.HostKey)
	if err != nil {
		return nil, nil, err
	}
	if pinned != nil {
		config.HostKeyAlgorithms = algorithms(pinned)
		config.HostKeyCallback = func(_ string, _ net.Addr, offered ssh.PublicKey) error {
			if string(offered.Marshal()) == string(pinned.Marshal()) {
				return nil
			}
			return fmt.Errorf("ssh: host key mismatch: hostKey is %s, the server has %s",
				ssh.FingerprintSHA256(pinned), ssh.FingerprintSHA256(offered))
		}
	}

	if c.PrivateKey != nil {
		signer, err := parsePrivateKey(*c.PrivateKey, c.PrivateKeyPassword)
		if err != nil {
			return nil, nil, fmt.Errorf("reading privateKey: %w", err)
		}
		config.Auth = append(config.Auth, ssh.PublicKeys(signer))
	}
	if c.Password != nil {
		config.Auth = append(config.Auth, ssh.Password(*c.Password))
	}
	if len(config.Auth) > 0 && c.AgentSocketPath == nil {
		return config, func() {}, nil
	}

	socket := orDefault(c.AgentSocketPath, os.Getenv("SSH_AUTH_SOCK"))
	if socket == "" {
		return nil, nil, errors.New("no privateKey, no password, and no ssh agent: SSH_AUTH_SOCK isn't set")
	}
	connection, err := new(net.Dialer).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, nil, fmt.Errorf("reaching the ssh agent: %w", err)
	}
	config.Auth = append(config.Auth, ssh.PublicKeysCallback(agent.NewClient(connection).Signers))
	return config, func() { connection.Close() }, nil
}

func parsePrivateKey(key string, password *string) (ssh.Signer, error) {
	if password != nil {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(key), []byte(*password))
	}
	return ssh.ParsePrivateKey([]byte(key))
}

// parseHostKey reads one authorized-keys line; without one, any host key will do.
func parseHostKey(line *string) (ssh.PublicKey, error) {
	if line == nil || *line == "" {
		return nil, nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*line))
	if err != nil {
		return nil, fmt.Errorf("hostKey is not one authorized-keys line (type, key): %w", err)
	}
	return key, nil
}

// algorithms makes a server that has several host keys offer the pinned one.
func algorithms(key ssh.PublicKey) []string {
	if key.Type() == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256, ssh.KeyAlgoRSA}
	}
	return []string{key.Type()}
}

func orDefault[T any](value *T, otherwise T) T {
	if value != nil {
		return *value
	}
	return otherwise
}
