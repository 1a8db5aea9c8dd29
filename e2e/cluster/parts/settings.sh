# Versions, places and the few words that all parts use.

readonly KUBERNETES=v1.34.4
readonly KIND=v0.33.0
readonly HELM=v3.22.0
readonly HELMFILE=v1.8.0
readonly LOCAL_PATH_PROVISIONER=v0.0.30
readonly DEBIAN=trixie
readonly NODE_IMAGE=${PTAH_KIND_NODE_IMAGE:-kindest/node:$KUBERNETES}
# Raise it when the recipe of the node image changes: caches of the old recipe are then left alone.
readonly NODE_RECIPE=1
readonly STAND_IN_RECIPE=1

readonly CACHE=${PTAH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ptah-desktop}/cluster
readonly BIN=$CACHE/bin
readonly NEXT_SOCKET=/run/docker-next.sock
mkdir -p "$BIN"

export DEBIAN_FRONTEND=noninteractive CGO_ENABLED=0 GOFLAGS=-trimpath

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "$*"
  exit 1
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Debian's lists are fetched once per call of cluster.sh, and only when something is to be installed.
install_packages() {
  command -v apt-get >/dev/null || fail "cannot install $*: this machine has no apt-get"
  if [ -z "${lists_fetched:-}" ]; then
    as_root apt-get update -qq >/dev/null || fail 'apt-get update failed: is the Debian mirror reachable?'
    lists_fetched=yes
  fi
  as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null || fail "apt-get could not install $*"
}

need_command() { # COMMAND PACKAGE
  command -v "$1" >/dev/null || install_packages "$2"
}

# The mirror that this machine itself uses.
debian_mirror() {
  sed -nE 's#^URIs: *(https?://[^ ]*/debian/?) *$#\1#p; s#^deb (\[[^]]*\] )?(https?://[^ ]*/debian/?) .*#\2#p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1
}

# Two runs of the tests must not build the same thing into the same cache.
with_cache_lock() {
  (
    flock 9
    "$@"
  ) 9>"$CACHE/.lock"
}

# True when the image came. Without a registry the answer takes well under a second on most machines, but a firewall
# that swallows packets must not cost minutes: what has not begun after 15 seconds is given up.
pull_image() { # IMAGE
  local log puller
  log=$(mktemp)
  docker pull "$1" >"$log" 2>&1 &
  puller=$!
  for _ in $(seq 30); do
    sleep 0.5
    kill -0 "$puller" 2>/dev/null || break
    grep -qE 'Pulling|Already exists|Download' "$log" && break
  done
  if kill -0 "$puller" 2>/dev/null && ! grep -qE 'Pulling|Already exists|Download' "$log"; then
    kill "$puller" 2>/dev/null || true
  fi
  rm -f "$log"
  wait "$puller" 2>/dev/null
}
