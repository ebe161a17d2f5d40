// Command pulumi-resource-openstack is the provider plugin "openstack" for a checkout that can't fetch
// the vendor's: the same Terraform provider under the same bridge, built by engine/build. It has the
// resource types of the table below, under the vendor's tokens and property names. It leaves out every
// other resource type, all data sources (the SDK's get_* functions) and the schema that SDKs are
// generated from; a type that isn't here fails by its name.
package main

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/terraform-provider-openstack/terraform-provider-openstack/v3/openstack"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// version is set by engine/build to the version of the Python package that the plugin stands for.
var version = "0.0.0-dev"

// types holds the Pulumi module and name of each Terraform type.
var types = map[string][2]string{
	"openstack_compute_flavor_access_v2":       {"compute", "FlavorAccess"},
	"openstack_compute_flavor_v2":              {"compute", "Flavor"},
	"openstack_compute_instance_v2":            {"compute", "Instance"},
	"openstack_compute_interface_attach_v2":    {"compute", "InterfaceAttach"},
	"openstack_compute_keypair_v2":             {"compute", "Keypair"},
	"openstack_compute_quotaset_v2":            {"compute", "QuotaSetV2"},
	"openstack_compute_servergroup_v2":         {"compute", "ServerGroup"},
	"openstack_identity_project_v3":            {"identity", "Project"},
	"openstack_identity_role_assignment_v3":    {"identity", "RoleAssignment"},
	"openstack_identity_user_v3":               {"identity", "User"},
	"openstack_images_image_v2":                {"images", "Image"},
	"openstack_networking_floatingip_v2":       {"networking", "FloatingIp"},
	"openstack_networking_network_v2":          {"networking", "Network"},
	"openstack_networking_port_v2":             {"networking", "Port"},
	"openstack_networking_quota_v2":            {"networking", "QuotaV2"},
	"openstack_networking_router_interface_v2": {"networking", "RouterInterface"},
	"openstack_networking_router_v2":           {"networking", "Router"},
	"openstack_networking_secgroup_rule_v2":    {"networking", "SecGroupRule"},
	"openstack_networking_secgroup_v2":         {"networking", "SecGroup"},
	"openstack_networking_subnet_route_v2":     {"networking", "SubnetRoute"},
	"openstack_networking_subnet_v2":           {"networking", "Subnet"},
}

func info() tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            shimv2.NewProvider(openstack.Provider()),
		Name:         "openstack",
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte("{}")),
		Resources:    map[string]*tfbridge.ResourceInfo{},
	}
	for name, token := range types {
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: tfbridge.MakeResource(info.Name, token[0], token[1])}
	}
	info.SetAutonaming(255, "-")
	return info
}

// server is the bridge's, but for a type that isn't in the table it says where the type is to be had.
type server struct {
	pulumirpc.ResourceProviderServer
	info tfbridge.ProviderInfo
}

func newServer(host *provider.HostClient) server {
	info := info()
	info.P.InitLogging(context.Background())
	bridge := tfbridge.NewProvider(context.Background(), host, info.Name, version, info.P, info, []byte("{}"))
	return server{bridge, info}
}

func (s server) Check(ctx context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	token := resource.URN(request.GetUrn()).Type()
	for _, known := range s.info.Resources {
		if known.Tok == token {
			return s.ResourceProviderServer.Check(ctx, request)
		}
	}
	return nil, status.Errorf(codes.NotFound, "this build of the openstack plugin has no type %s: "+
		"add it to the table in engine/pulumi-resource-openstack, or use the vendor's plugin, which has it", token)
}

func main() {
	err := provider.Main("openstack", func(host *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		return newServer(host), nil
	})
	if err != nil {
		cmdutil.ExitError(fmt.Sprintf("openstack plugin: %v", err))
	}
}
