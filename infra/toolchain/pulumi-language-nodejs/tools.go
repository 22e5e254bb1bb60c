//go:build tools

// Package tools names the command that setup builds when no ready-made CLI can be had.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
