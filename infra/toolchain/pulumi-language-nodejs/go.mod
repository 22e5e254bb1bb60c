module rabbitmq-ha-kit/toolchain/pulumi-language-nodejs

go 1.25

// The last published sdk module that still holds the Node language host.
require github.com/pulumi/pulumi/sdk/v3 v3.60.0
