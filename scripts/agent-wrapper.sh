#!/usr/bin/env bash
# An agent as a process of its own, outside of a server: bash scripts/agent-wrapper.sh <agentId> claude-code|worker|monitor
# What it does and which environment it reads is told in agent-wrapper.mjs.
set -eu
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ -e "$root/packages/server/dist/index.js" ] || { echo "Build first: npm run build" >&2; exit 1; }
exec node "$root/scripts/agent-wrapper.mjs" "$@"
