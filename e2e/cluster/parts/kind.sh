# Kind clusters for the tests.

cluster_up() { # NAME NODES
  ensure_docker
  with_cache_lock build_kind
  ensure_node_image
  if "$BIN/kind" get clusters 2>/dev/null | grep -qx "$1"; then
    local have
    have=$("$BIN/kind" get nodes --name "$1" 2>/dev/null | grep -c .)
    [ "$have" = "$2" ] || fail "cluster $1 is there with $have node(s), not $2: 'cluster.sh down $1' removes it"
    "$BIN/kind" export kubeconfig --name "$1" >/dev/null 2>&1
    return
  fi
  say "Creating the Kind cluster $1 with $2 node(s)"
  kind_config "$2" | "$BIN/kind" create cluster --name "$1" --image "$NODE_IMAGE" --wait 240s --config - --quiet ||
    fail "kind could not create the cluster $1"
  # kind itself waits for the control plane only
  docker exec "$1-control-plane" kubectl --kubeconfig /etc/kubernetes/admin.conf \
    wait --for=condition=Ready nodes --all --timeout=120s >/dev/null || fail "a node of $1 did not become ready"
  ensure_stand_ins ''
  "$BIN/kind" load docker-image --name "$1" busybox:1 --quiet
}

cluster_down() { "$BIN/kind" delete cluster --name "$1" --quiet; }

kind_config() { # NODES
  printf 'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n- role: control-plane\n'
  local worker
  for ((worker = 1; worker < $1; worker++)); do printf -- '- role: worker\n'; done
}

# What scripts/test.mjs puts into the environment of the tests; by hand: `export $(e2e/cluster/cluster.sh env)`
print_environment() {
  printf 'PTAH_TEST_BIN=%s\nPTAH_KIND_NODE_IMAGE=%s\nPTAH_TEST_DOCKER_NEXT=unix://%s\n' "$BIN" "$NODE_IMAGE" "$NEXT_SOCKET"
  local browser
  browser=$(find_browser || true)
  [ -z "$browser" ] || printf 'PTAH_TEST_BROWSER=%s\n' "$browser"
}
