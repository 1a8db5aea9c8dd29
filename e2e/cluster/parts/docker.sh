# The Docker engine of the machine.

ensure_docker() {
  docker_answers && return
  command -v dockerd >/dev/null || {
    say 'Installing the Docker engine'
    install_packages docker.io containerd runc iptables ca-certificates
  }
  give_up_lacking_capabilities
  say 'Starting the Docker engine'
  if [ -d /run/systemd/system ]; then
    as_root systemctl start docker
    wait_for_docker
  else
    # An engine that was killed leaves these behind, and believes whoever has got its number since.
    as_root rm -f /var/run/docker.pid /var/run/docker/containerd/containerd.pid
    as_root setsid nohup dockerd --host unix:///var/run/docker.sock >"${TMPDIR:-/tmp}/dockerd.log" 2>&1 </dev/null &
    wait_for_docker
    keep_pods_on_this_machine
  fi
}

docker_answers() { docker info >/dev/null 2>&1; }

wait_for_docker() {
  for _ in $(seq 120); do
    docker_answers && return
    sleep 0.5
  done
  fail "the Docker engine does not answer; its log is ${TMPDIR:-/tmp}/dockerd.log (or: journalctl -u docker)"
}

# Inside a container or a restricted virtual machine CAP_SYS_RESOURCE may be missing. Docker 20.10 asks for every
# capability there is when a container is privileged, as Kind's nodes are, and runc refuses: so runc is asked for less.
give_up_lacking_capabilities() {
  local bounding bit=24
  bounding=$(awk '/^CapBnd/ {print $2}' /proc/self/status)
  if (((0x$bounding >> bit) & 1)) || [ -e /etc/docker/daemon.json ]; then return; fi
  as_root install -D -m 755 "$here/node/runc-capped" /usr/local/sbin/runc-capped
  as_root mkdir -p /etc/docker
  echo '{"runtimes":{"capped":{"path":"/usr/local/sbin/runc-capped"}},"default-runtime":"capped"}' |
    as_root tee /etc/docker/daemon.json >/dev/null
}

# Only where we started the engine ourselves: what a pod sends to the outside is refused at once instead of hanging in
# a firewall for minutes. Builds use docker0, which is not matched, and may reach the package registries.
keep_pods_on_this_machine() {
  local outside
  outside=$(ip route show default 2>/dev/null | awk '{print $5; exit}')
  [ -n "$outside" ] || return 0
  as_root iptables -C DOCKER-USER -i br+ -o "$outside" -j REJECT 2>/dev/null ||
    as_root iptables -I DOCKER-USER -i br+ -o "$outside" -j REJECT
}
