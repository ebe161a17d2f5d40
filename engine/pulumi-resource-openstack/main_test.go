package main

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// sdkResource is what the installed Python SDK has for a resource type.
type sdkResource struct {
	Token      string
	Properties []string
	Secrets    []string
}

// sdk asks the installed pulumi_openstack package, by the words "module.Class".
func sdk(t *testing.T) map[string]sdkResource {
	t.Helper()
	python := os.Getenv("PULUMI_OPENSTACK_PYTHON")
	if python == "" {
		python = "../../.venv/bin/python"
		if _, err := os.Stat(python); err != nil {
			python = "python3"
		}
	}
	args := []string{"testdata/sdk.py"}
	for _, token := range types {
		args = append(args, token[0]+"."+token[1])
	}
	var stderr strings.Builder
	command := exec.Command(python, args...)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("asking %s for pulumi_openstack failed: %v\n%s\n"+
			"PULUMI_OPENSTACK_PYTHON names a Python that has the package", python, err, stderr.String())
	}
	resources := map[string]sdkResource{}
	if err := json.Unmarshal(out, &resources); err != nil {
		t.Fatal(err)
	}
	return resources
}

// shapes has the properties of a Terraform schema as the bridge names and nests them, in the form of testdata/sdk.py.
func shapes(schema shim.SchemaMap, prefix string) (lines []string) {
	schema.Range(func(name string, property shim.Schema) bool {
		if property.Removed() == "" && (prefix != "" || name != "id") {
			lines = append(lines, shape(property, prefix+tfbridge.TerraformToPulumiNameV2(name, schema, nil))...)
		}
		return true
	})
	slices.Sort(lines)
	return lines
}

func shape(property shim.Schema, path string) []string {
	switch property.Type() {
	case shim.TypeList, shim.TypeSet:
		if !tfbridge.IsMaxItemsOne(property, nil) {
			path += "[]"
		}
	case shim.TypeMap:
		path += "{}"
	default:
		scalars := map[shim.ValueType]string{
			shim.TypeBool: "bool", shim.TypeInt: "int", shim.TypeFloat: "float", shim.TypeString: "str",
		}
		return []string{path + " " + scalars[property.Type()]}
	}
	switch element := property.Elem().(type) {
	case shim.Resource:
		return shapes(element.Schema(), path+".")
	case shim.Schema:
		return shape(element, path)
	default: // a map that says nothing of its values holds strings
		return []string{path + " str"}
	}
}

func secrets(schema shim.SchemaMap) (names []string) {
	schema.Range(func(name string, property shim.Schema) bool {
		if property.Sensitive() {
			names = append(names, tfbridge.TerraformToPulumiNameV2(name, schema, nil))
		}
		return true
	})
	slices.Sort(names)
	return names
}

func TestEachTypeIsWhatTheSDKExpects(t *testing.T) {
	info, installed := info(), sdk(t)
	for name, token := range types {
		t.Run(token[0]+"."+token[1], func(t *testing.T) {
			terraform, ok := info.P.ResourcesMap().GetOk(name)
			if !ok {
				t.Fatalf("the Terraform provider has no %s", name)
			}
			expected := installed[token[0]+"."+token[1]]
			if got := string(info.Resources[name].Tok); got != expected.Token {
				t.Errorf("token is %s, the SDK's is %s", got, expected.Token)
			}
			got := shapes(terraform.Schema(), "")
			for _, line := range got {
				if !slices.Contains(expected.Properties, line) {
					t.Errorf("the SDK has no %q", line)
				}
			}
			for _, line := range expected.Properties {
				if !slices.Contains(got, line) {
					t.Errorf("only the SDK has %q", line)
				}
			}
			slices.Sort(expected.Secrets)
			if got := secrets(terraform.Schema()); !slices.Equal(got, expected.Secrets) {
				t.Errorf("secrets are %v, the SDK's are %v", got, expected.Secrets)
			}
		})
	}
}

func TestATypeThatIsNotInTheTableFailsByItsName(t *testing.T) {
	const token = "openstack:networking/trunk:Trunk"
	_, err := newServer(nil).Check(context.Background(), &pulumirpc.CheckRequest{Urn: "urn:pulumi:stack::project::" + token + "::name"})
	if err == nil || !strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), "vendor's plugin") {
		t.Errorf("want an error that has %s and the vendor's plugin, got %v", token, err)
	}
}
