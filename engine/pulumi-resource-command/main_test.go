package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
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
