package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	p "github.com/pulumi/pulumi-go-provider"
	"golang.org/x/crypto/ssh"
)

// How much of a line is shown, and how much of stderr an error holds, in bytes.
const (
	shownLine   = 1024
	shownStderr = 4096
)

// run runs a command on the host and keeps its output in the state; without a command it does nothing.
func (s *State) run(ctx context.Context, command *string) (err error) {
	if command == nil {
		return nil
	}
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = errors.New("cancelled: the connection is closed; a command that had begun may still be running")
		}
	}()
	client, err := s.Connection.dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	defer context.AfterFunc(ctx, func() { client.Close() })()

	session, err := client.NewSession()
	if err != nil {
		return fmt.Errorf("opening a session: %w", err)
	}
	defer session.Close()
	if err := s.setenv(ctx, session); err != nil {
		return err
	}
	if s.Stdin != nil {
		session.Stdin = strings.NewReader(*s.Stdin)
	}

	var stdout, stderr bytes.Buffer
	show := p.GetLogger(ctx).InfoStatus
	shownOut, shownErr := &lineWriter{show: show}, &lineWriter{show: show}
	session.Stdout, session.Stderr = &stdout, &stderr
	if s.Logging.shows("stdout") {
		session.Stdout = io.MultiWriter(&stdout, shownOut)
	}
	if s.Logging.shows("stderr") {
		session.Stderr = io.MultiWriter(&stderr, shownErr)
	}
	err = session.Run(*command)
	shownOut.flush()
	shownErr.flush()
	if err != nil {
		return failure(err, stderr.Bytes())
	}
	s.Stdout, s.Stderr = output(stdout.Bytes()), output(stderr.Bytes())
	return nil
}

// setenv sends the environment, which the server must accept, and the previous output, which it may refuse.
func (s *State) setenv(ctx context.Context, session *ssh.Session) error {
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		if err := session.Setenv(name, s.Environment[name]); err != nil {
			return fmt.Errorf("setting %s in the command's environment (does the server's AcceptEnv allow it?): %w", name, err)
		}
	}
	if s.AddPreviousOutputInEnv != nil && !*s.AddPreviousOutputInEnv {
		return nil
	}
	for _, previous := range [][2]string{{"PULUMI_COMMAND_STDOUT", s.Stdout}, {"PULUMI_COMMAND_STDERR", s.Stderr}} {
		if previous[1] == "" {
			continue
		}
		if err := session.Setenv(previous[0], previous[1]); err != nil {
			p.GetLogger(ctx).Warningf("the server refused %s, and the command runs without it: "+
				"set addPreviousOutputInEnv to false if it isn't needed", previous[0])
		}
	}
	return nil
}

// failure says how the command ended, with the end of its stderr.
func failure(err error, stderr []byte) error {
	var exit *ssh.ExitError
	how := fmt.Sprintf("the connection broke before the command ended: %v", err)
	switch {
	case errors.As(err, &exit) && exit.Signal() != "":
		how = fmt.Sprintf("the command was ended by signal %s", exit.Signal())
	case errors.As(err, &exit):
		how = fmt.Sprintf("the command ended with exit status %d", exit.ExitStatus())
	}
	if len(stderr) == 0 {
		return fmt.Errorf("%s, with nothing on stderr", how)
	}
	return fmt.Errorf("%s, the end of stderr:\n%s", how, output(stderr[max(0, len(stderr)-shownStderr):]))
}

// output is a stream as the engine can hold it: valid UTF-8, without the last newline.
func output(stream []byte) string {
	return strings.TrimSuffix(strings.ToValidUTF8(string(stream), "\uFFFD"), "\n")
}

// lineWriter shows the start of each line as soon as the line is whole; what a progress bar draws
// over is a line too. It holds no more than it shows, so a line may have any length.
type lineWriter struct {
	show func(string)
	line []byte
}

func (w *lineWriter) Write(data []byte) (int, error) {
	for _, b := range data {
		switch {
		case b == '\n' || b == '\r':
			w.flush()
		case len(w.line) < shownLine:
			w.line = append(w.line, b)
		}
	}
	return len(data), nil
}

func (w *lineWriter) flush() {
	if len(w.line) > 0 {
		w.show(output(w.line))
		w.line = w.line[:0]
	}
}
