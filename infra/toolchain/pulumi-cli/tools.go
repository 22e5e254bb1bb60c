//go:build tools

// Package tools names the command that setup builds when no ready-made CLI can be had.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
