// A node plugin for tests with the name and the habits of ACK's NAS driver: the "file system" is a directory of this machine.
//
// What it imitates is NodePublishVolume of the open source driver, where it decides over directories and modes:
// https://github.com/kubernetes-sigs/alibaba-cloud-csi-driver/blob/master/pkg/nas/nodeserver.go
package main

import (
	"context"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"golang.org/x/sys/unix"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const driver = "nasplugin.csi.alibabacloud.com"

type plugin struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedNodeServer
	registration.UnimplementedRegistrationServer
	servers string // a directory of each mount target's name stands in it: the root of that file system
	node    string
	socket  string
}

func (p *plugin) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: driver, VendorVersion: "test"}, nil
}

func (p *plugin) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{}, nil
}

func (p *plugin) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (p *plugin) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

func (p *plugin) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: p.node}, nil
}

func (p *plugin) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	attributes := map[string]string{}
	for key, value := range request.VolumeContext {
		attributes[strings.ToLower(key)] = value
	}
	server, path, mode := attributes["server"], attributes["path"], attributes["mode"]
	log.Println("publish", request.VolumeId, server, path, "mode", mode, attributes["modetype"])
	if path == "" {
		path = "/"
	}
	if path != "/" {
		path = strings.TrimSuffix(path, "/")
	}
	if path == "/" && mode != "" {
		return nil, status.Error(codes.Unknown, "NAS: root directory cannot set mode: "+mode)
	}
	if !strings.HasPrefix(path, "/") {
		return nil, status.Error(codes.Unknown, "the path format is illegal")
	}
	root := filepath.Join(p.servers, filepath.Base(server))
	if _, err := os.Stat(root); err != nil {
		return nil, status.Error(codes.Internal, "mount.nfs: Failed to resolve server "+server)
	}
	source := filepath.Join(root, filepath.Clean(path))
	// A directory that is missing is made by root, as the driver makes it on a temporary mount of the file system's root.
	if err := os.MkdirAll(source, os.ModePerm); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if err := os.MkdirAll(request.TargetPath, 0o750); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if err := unix.Mount(source, request.TargetPath, "", unix.MS_BIND, ""); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if mode != "" && !request.Readonly {
		arguments := []string{mode, request.TargetPath}
		if attributes["modetype"] == "recursive" {
			arguments = append([]string{"-R"}, arguments...)
		}
		if said, err := exec.Command("chmod", arguments...).CombinedOutput(); err != nil {
			log.Println("chmod", err, string(said)) // no error of the volume's either in the driver
		}
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (p *plugin) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	log.Println("unpublish", request.VolumeId)
	err := unix.Unmount(request.TargetPath, 0)
	if err != nil && err != unix.EINVAL && err != unix.ENOENT { // not mounted, not there: done before
		return nil, status.Error(codes.Internal, err.Error())
	}
	if err := os.Remove(request.TargetPath); err != nil && !os.IsNotExist(err) {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

func (p *plugin) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type: registration.CSIPlugin, Name: driver, Endpoint: p.socket, SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (p *plugin) NotifyRegistrationStatus(_ context.Context, said *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	log.Println("registered", said.PluginRegistered, said.Error)
	return &registration.RegistrationStatusResponse{}, nil
}

func serve(socket string, register func(*grpc.Server)) {
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer()
	register(server)
	log.Fatal(server.Serve(listener))
}

// nas KUBELET SERVERS NODE
func main() {
	kubelet := os.Args[1]
	p := &plugin{
		servers: os.Args[2],
		node:    os.Args[3],
		socket:  filepath.Join(kubelet, "plugins", driver, "csi.sock"),
	}
	unix.Umask(0o022)
	go serve(p.socket, func(server *grpc.Server) {
		csi.RegisterIdentityServer(server, p)
		csi.RegisterNodeServer(server, p)
	})
	serve(filepath.Join(kubelet, "plugins_registry", driver+"-reg.sock"), func(server *grpc.Server) {
		registration.RegisterRegistrationServer(server, p)
	})
}
