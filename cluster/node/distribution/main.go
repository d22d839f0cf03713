// The registry of a real node: Distribution with a directory for its images and one login, and no other storage or login.
//
// registry ADDRESS DIRECTORY LOGIN, where LOGIN is a file with `user:password`.
package main

import (
	"context"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"golang.org/x/crypto/bcrypt"
)

func main() {
	address, directory := os.Args[1], os.Args[2]
	login, err := os.ReadFile(os.Args[3])
	if err != nil {
		log.Fatal(err)
	}
	username, password, _ := strings.Cut(string(login), ":")
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		log.Fatal(err)
	}
	users := filepath.Join(directory, "htpasswd")
	if err := os.MkdirAll(directory, 0o755); err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(users, []byte(username+":"+string(hash)+"\n"), 0o600); err != nil {
		log.Fatal(err)
	}
	stated := &configuration.Configuration{
		Storage: configuration.Storage{"filesystem": {"rootdirectory": directory}},
		Auth:    configuration.Auth{"htpasswd": {"realm": "registry", "path": users}},
	}
	stated.Log.Level = "warn"
	stated.Log.AccessLog.Disabled = true
	stated.HTTP.Addr = address
	server, err := registry.NewRegistry(context.Background(), stated)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.ListenAndServe())
}
