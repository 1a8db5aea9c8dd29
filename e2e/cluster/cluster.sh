#!/usr/bin/env bash
# A real Docker engine, a real Kind cluster and the images that the tests need, on a Debian-like machine that may reach
# package registries but no image registry. README.md beside this file says what each command makes, and of what.
#
#   cluster.sh docker              the Docker engine: installed and started where it isn't
#   cluster.sh docker-next         a second, current engine with the containerd image store, on a socket of its own
#   cluster.sh browser             Chromium for the end-to-end tests
#   cluster.sh kind                kind alone, in the cache
#   cluster.sh programs            kind, kubectl, helm and helmfile in the cache
#   cluster.sh node-image          kindest/node: pulled, else built from source (about 9 minutes, once)
#   cluster.sh images [SOCKET]     stand-ins for the base images that the examples name
#   cluster.sh up NAME [NODES]     a Kind cluster (default: 1 node)
#   cluster.sh down NAME           deletes it
#   cluster.sh env                 prints the variables that the tests read, one NAME=value a line
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in settings docker docker-next browser programs node-image kind stand-ins; do
  # shellcheck source=/dev/null
  source "$here/parts/$part.sh"
done

case ${1:-} in
docker) ensure_docker ;;
docker-next) ensure_docker_next ;;
browser) ensure_browser ;;
kind) with_cache_lock build_kind ;;
programs) ensure_programs ;;
node-image)
  ensure_docker
  ensure_node_image
  ;;
images) ensure_stand_ins "${2:-}" ;;
up) cluster_up "${2:?the cluster needs a name}" "${3:-1}" ;;
down) cluster_down "${2:?which cluster?}" ;;
env) print_environment ;;
*)
  sed -n '2,/^set /{/^set /!p}' "$0" | cut -c3-
  exit 2
  ;;
esac
