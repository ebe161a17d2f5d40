// Command pulumi-resource-command is the provider plugin "command" for a checkout that can't fetch the
// vendor's: its one resource, command:remote:Command, has the vendor's inputs, outputs and behaviour and
// is built by engine/build. It leaves out every other resource and function of that package, logins by
// keyboard-interactive, and the connection's proxy, which is refused. Unlike the vendor's it gives up at
// once on a wrong host key or a failed login, takes output lines of any length, closes the connection
// when it is cancelled, and its errors hold the end of stderr but neither the command nor its input.
package main

import (
	"context"
	"fmt"
	"os"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// version is set by engine/build to the version of the Python package that the plugin stands for.
var version = "0.0.0-dev"

// Command is the resource's controller.
type Command struct{}

// Inputs are the vendor's, name by name.
type Inputs struct {
	Connection             Connection        `pulumi:"connection" provider:"secret"`
	Create                 *string           `pulumi:"create,optional"`
	Update                 *string           `pulumi:"update,optional"`
	Delete                 *string           `pulumi:"delete,optional"`
	Stdin                  *string           `pulumi:"stdin,optional"`
	Environment            map[string]string `pulumi:"environment,optional"`
	Triggers               []any             `pulumi:"triggers,optional" provider:"replaceOnChanges"`
	Logging                *Logging          `pulumi:"logging,optional"`
	AddPreviousOutputInEnv *bool             `pulumi:"addPreviousOutputInEnv,optional"`
}

// State is what the engine keeps of a command that ran.
type State struct {
	Inputs
	Stdout string `pulumi:"stdout"`
	Stderr string `pulumi:"stderr"`
}

// Logging says which of the command's streams are shown while it runs.
type Logging string

// Values makes Logging an enumeration for the SDK.
func (Logging) Values() []infer.EnumValue[Logging] {
	return []infer.EnumValue[Logging]{
		{Name: "stdout", Value: "stdout"},
		{Name: "stderr", Value: "stderr"},
		{Name: "stdoutAndStderr", Value: "stdoutAndStderr"},
		{Name: "none", Value: "none"},
	}
}

// Annotate gives the resource the vendor's token.
func (c *Command) Annotate(a infer.Annotator) { a.SetToken("remote", "Command") }

// Annotate gives the inputs the vendor's defaults.
func (i *Inputs) Annotate(a infer.Annotator) { a.SetDefault(&i.AddPreviousOutputInEnv, true) }

// Check refuses what this plugin leaves out or couldn't run, before anything runs.
func (*Command) Check(ctx context.Context, request infer.CheckRequest) (infer.CheckResponse[Inputs], error) {
	inputs, failures, err := infer.DefaultCheck[Inputs](ctx, request.NewInputs)
	refuse := func(property, reason string) {
		failures = append(failures, p.CheckFailure{Property: property, Reason: reason})
	}
	if inputs.Connection.Proxy != nil {
		refuse("connection.proxy", "this build of the command plugin has no proxy: use the vendor's plugin, which has it")
	}
	if _, err := parseHostKey(inputs.Connection.HostKey); err != nil {
		refuse("connection.hostKey", err.Error())
	}
	if l := inputs.Logging; l != nil && *l != "" && !l.shows("stdout") && !l.shows("stderr") && *l != "none" {
		refuse("logging", fmt.Sprintf("%q is none of stdout, stderr, stdoutAndStderr, none", *l))
	}
	// The engine prints the whole value of a property that a failure is tied to, secrets and all: tie it to none.
	for i, failure := range failures {
		failures[i] = p.CheckFailure{Reason: failure.Property + ": " + failure.Reason}
	}
	return infer.CheckResponse[Inputs]{Inputs: inputs, Failures: failures}, err
}

func (l *Logging) shows(stream Logging) bool {
	return l == nil || *l == stream || *l == "stdoutAndStderr"
}

// Create runs create; a preview runs nothing.
func (*Command) Create(
	ctx context.Context, request infer.CreateRequest[Inputs],
) (response infer.CreateResponse[State], err error) {
	response.Output.Inputs = request.Inputs
	if request.DryRun {
		return response, nil
	}
	if response.ID, err = resource.NewUniqueHex(request.Name, 8, 0); err != nil {
		return response, err
	}
	return response, response.Output.run(ctx, request.Inputs.Create)
}

// Update runs update, or create where there is none; a preview runs nothing.
func (*Command) Update(
	ctx context.Context, request infer.UpdateRequest[Inputs, State],
) (response infer.UpdateResponse[State], err error) {
	response.Output = request.State
	response.Output.Inputs = request.Inputs
	if request.DryRun {
		return response, nil
	}
	command := request.Inputs.Update
	if command == nil {
		command = request.Inputs.Create
	}
	return response, response.Output.run(ctx, command)
}

// Delete runs delete as it was saved, over the saved connection.
func (*Command) Delete(ctx context.Context, request infer.DeleteRequest[State]) (infer.DeleteResponse, error) {
	return infer.DeleteResponse{}, request.State.run(ctx, request.State.Delete)
}

func main() {
	err := p.RunProvider(context.Background(), "command", version, plugin())
	if err != nil {
		fmt.Fprintf(os.Stderr, "command plugin: %v\n", err)
		os.Exit(1)
	}
}

func plugin() p.Provider {
	return infer.Provider(infer.Options{Resources: []infer.InferredResource{infer.Resource(&Command{})}})
}
