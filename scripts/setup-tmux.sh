#!/usr/bin/env bash
# Sets up tmux for agents in a folder of its own: a configuration, and helpers to start, look at and end agents' terminals. Your own
# configuration and your own tmux servers are never touched.
#   setup-tmux.sh [--force] [--no-server] [--minimal] [--dir FOLDER]
#     --force      write again what is there already     --no-server  start no tmux server
#     --minimal    the configuration alone               --dir        default: ~/.baton/tmux
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
force=0 server=1 minimal=0 dir="${HOME:?}/.baton/tmux"
while [ $# -gt 0 ]; do
  case "$1" in
    --force) force=1 ;;
    --no-server) server=0 ;;
    --minimal) minimal=1 ;;
    --dir) dir=${2:?--dir needs a folder}; shift ;;
    -h | --help) sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
    *) echo "Not known: $1 (see --help)" >&2; exit 2 ;;
  esac
  shift
done
command -v tmux >/dev/null || { echo "tmux is not installed (Debian: apt-get install tmux)." >&2; exit 1; }
case $(tmux -V) in *" "[0-2].*) echo "tmux 3.0 or newer is needed; here is $(tmux -V)." >&2; exit 1 ;; esac
umask 077
mkdir -p "$dir/tmux-sessions"

# put FILE: writes what comes on stdin, unless it is there and --force was not given
put() {
  if [ -e "$dir/$1" ] && [ $force = 0 ]; then echo "kept     $dir/$1"; cat >/dev/null; return; fi
  cat >"$dir/$1"
  echo "written  $dir/$1"
}
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

put tmux.conf <<'CONF'
unbind C-b
set -g prefix C-a
bind C-a send-prefix
set -g history-limit 10000
set -g base-index 1
set -g default-terminal screen-256color
set -s escape-time 10
CONF
if [ $minimal = 0 ]; then
  put tmux-helpers.sh <<HELPERS
# To be sourced. Agents live with a running server (baton up); these are words for its command line.
BATON_TMUX_DIR=$(quote "$dir")
baton() { node $(quote "$root/packages/cli/bin/baton.mjs") "\$@"; }
agents_tmux() { tmux -S "\$BATON_TMUX_DIR/socket" -f "\$BATON_TMUX_DIR/tmux.conf" "\$@"; }
agent_start() { baton agents start "\$@"; }
agent_stop() { baton agents stop "\$@"; }
agent_attach() { baton agents attach "\$@"; }
agent_status() { baton agents show "\$@"; }
agent_list() { baton agents list --connector terminal "\$@"; }
# A window for each agent that lives in a terminal.
agent_monitor() { bash "\$BATON_TMUX_DIR/tmux-sessions/monitor-sessions.sh"; }
agent_cleanup() { bash "\$BATON_TMUX_DIR/tmux-sessions/cleanup-sessions.sh"; }
HELPERS
  put tmux-sessions/launch-agent.sh <<LAUNCH
#!/usr/bin/env bash
# launch-agent.sh ID claude-code|worker|monitor: an agent outside of a server, in a session of its own
set -euo pipefail
. $(quote "$dir/tmux-helpers.sh")
id=\${1:?an id} type=\${2:?claude-code, worker or monitor}
agents_tmux new-session -d -s "agent-\$id" -n main -- bash $(quote "$root/scripts/agent-wrapper.sh") "\$id" "\$type"
echo "Attach: tmux -S \$BATON_TMUX_DIR/socket attach -t =agent-\$id"
LAUNCH
  put tmux-sessions/monitor-sessions.sh <<MONITOR
#!/usr/bin/env bash
# The sessions started by launch-agent.sh, and the agents of the server if one answers
. $(quote "$dir/tmux-helpers.sh")
agents_tmux list-panes -a -F '#{session_name} #{window_name} pid #{pane_pid}' 2>/dev/null || echo "No sessions here."
baton agents list --connector terminal
MONITOR
  put tmux-sessions/cleanup-sessions.sh <<CLEANUP
#!/usr/bin/env bash
# Ends sessions of launch-agent.sh whose agent has ended
. $(quote "$dir/tmux-helpers.sh")
agents_tmux list-panes -a -F '#{pane_dead} #{session_name}' 2>/dev/null | while read -r dead session; do
  [ "\$dead" = 0 ] || agents_tmux kill-session -t "=\$session"
done
CLEANUP
fi
if [ $server = 1 ]; then
  tmux -S "$dir/socket" -f "$dir/tmux.conf" start-server \; set-option -s exit-empty off
  echo "running  tmux -S $dir/socket"
fi
