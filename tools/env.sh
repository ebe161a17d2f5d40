# shellcheck shell=sh
# Sourced (`. tools/env.sh`), it puts the engine that engine/build made on the shell's PATH, with the
# settings that a closed network needs, and the checkout's .venv if there is one. Where the vendor's
# engine is in use it says only how many nodes are at work at once, and how often Go collects garbage. The
# backend and the passphrase are the caller's to set.
# In bash and zsh it works from any folder; in another shell, only from the checkout's root.

# shellcheck disable=SC3028,SC3054 # unset outside bash: zsh has the file in $0, other shells their own name
_root=$(CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE:-$0}")/.." && pwd)
[ -f "$_root/tools/env.sh" ] || _root=$PWD

for _bin in "$_root/.engine/bin" "$_root/.venv/bin"; do
  case ":$PATH:" in
    *":$_bin:"*) ;;
    *) [ ! -d "$_bin" ] || PATH=$_bin:$PATH ;;
  esac
done
export PATH

if [ -d "$_root/.engine/bin" ]; then
  export PULUMI_HOME="$_root/.engine/home"
  export PULUMI_CREDENTIAL_STORE=plaintext
  export PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
  export PULUMI_DISABLE_CI_DETECTION=true
  export PULUMI_SKIP_UPDATE_CHECK=true
fi
unset _root _bin

# At once, of what changes. Pulumi's own number is four for each core of its machine, but what a node does
# costs this machine nothing.
export PULUMI_PARALLEL="${PULUMI_PARALLEL:-64}"

# Pulumi and its plugins collect garbage a quarter as often as Go's default, for a fifth less CPU time of a large
# preview; one that nears 2 GiB does so more often again.
export GOGC="${GOGC:-400}" GOMEMLIMIT="${GOMEMLIMIT:-2GiB}"
