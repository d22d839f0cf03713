#!/bin/sh
# Build and test a service by Maven, in its repository.
#
#   pipelines/steps/verify.sh [OPTION...]   options of Maven, such as --projects MODULE --also-make
set -eu

exec mvn --batch-mode --no-transfer-progress verify "$@"
