# The programs beside Docker: kind, kubectl, helm and helmfile for the tests, and what a node is made of.
# All of them are Go modules, built with the machine's Go; each is kept in the cache and never built twice.

ensure_programs() { with_cache_lock build_programs; }

build_programs() {
  build_kind
  build_kubernetes
  ln -sf kubenode "$BIN/kubectl"
  build_program helm "$HELM" 75 go_install "helm.sh/helm/v3/cmd/helm@$HELM"
  build_program helmfile "$HELMFILE" 240 go_build_here helmfile github.com/helmfile/helmfile
}

build_kind() { build_program kind "$KIND" 20 go_install "sigs.k8s.io/kind@$KIND"; }

build_node_programs() {
  build_kind
  build_kubernetes
  build_program coredns '' 60 go_build_here coredns .
  build_program local-path-provisioner "$LOCAL_PATH_PROVISIONER" 30 go_install \
    "github.com/rancher/local-path-provisioner@$LOCAL_PATH_PROVISIONER"
  if [ ! -x "$BIN/pause" ]; then
    need_command gcc gcc
    gcc -static -Os -s -o "$BIN/pause" "$here/programs/pause/pause.c"
  fi
}

build_kubernetes() {
  build_program kubenode "$KUBERNETES" 420 go_build_here kubenode . "$(kubernetes_version_flags)"
}

# NAME VERSION SECONDS BUILDER ARGUMENT… : the builder leaves the program at $BIN/.new/NAME
build_program() {
  local name=$1 version=$2 seconds=$3 builder=$4
  shift 4
  [ -x "$BIN/$name" ] && return
  command -v go >/dev/null || fail "building $name needs Go 1.26 or newer on the PATH (Debian's own is older)"
  say "Building $name $version (about $seconds seconds on 2 cores, once)"
  mkdir -p "$BIN/.new"
  "$builder" "$@" || fail "building $name failed; the lines above say why"
  mv "$BIN/.new/$name" "$BIN/$name"
}

go_install() { GOBIN=$BIN/.new go install -ldflags '-s -w' "$1"; }

go_build_here() { # FOLDER PACKAGE [LDFLAGS]
  (cd "$here/programs/$1" && go build -ldflags "-s -w ${3:-}" -o "$BIN/.new/$1" "$2")
}

# What `kubectl version` and kubeadm's checks read: without them everything calls itself v0.0.0.
kubernetes_version_flags() {
  local number=${KUBERNETES#v} package
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf -- '-X %s.gitVersion=%s -X %s.gitMajor=%s -X %s.gitMinor=%s -X %s.gitTreeState=clean -X %s.buildDate=2026-01-01T00:00:00Z ' \
      "$package" "$KUBERNETES" "$package" "${number%%.*}" "$package" "$(cut -d. -f2 <<<"$number")" "$package" "$package"
  done
}

# kind's own sources, for its manifests and for the files of its node's base image
kind_sources() { go mod download -json "sigs.k8s.io/kind@$KIND" | sed -nE 's/^\t"Dir": "(.*)",?$/\1/p'; }
