#!/usr/bin/env bash
# What a linter can't see: migrations, the OpenAPI document and the deploy checks, as in production.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
export SECRET_KEY="for-checks-only-$(printf 'x%.0s' {1..60})" ALLOWED_HOSTS=example.com
export DEBUG=true
$bin/python manage.py makemigrations --check --dry-run --verbosity 0
echo "migrations: current"
openapi=$(mktemp)
trap 'rm -f "$openapi"' EXIT
$bin/python manage.py spectacular --file "$openapi" --validate --fail-on-warn
diff -u docs/openapi.yaml "$openapi" || { echo "docs/openapi.yaml is not current: run 'make openapi'."; exit 1; }
echo "OpenAPI: current"
DEBUG=false $bin/python manage.py check --deploy --fail-level WARNING
