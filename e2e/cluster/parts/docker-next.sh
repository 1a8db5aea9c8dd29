# A current Docker engine beside the machine's own: Docker 28 out of Debian's next release, in a root of its own, with the
# containerd image store. Its image IDs and `docker save` archives are what users of today's Docker have.
# Its containers have no network of their own: a build's RUN needs `networkmode=host`.

ensure_docker_next() {
  next_answers && return
  [ "$(id -u)" = 0 ] || fail 'the second Docker engine needs root (mounts and a bridge of its own)'
  with_cache_lock start_docker_next
}

next_answers() { DOCKER_HOST=unix://$NEXT_SOCKET docker info >/dev/null 2>&1; }

start_docker_next() {
  next_answers && return
  local root=$CACHE/docker-next mount=/run/docker-next-root
  need_command debootstrap debootstrap
  if [ ! -x "$root/usr/sbin/dockerd" ]; then
    say 'Installing a current Docker engine into a root of its own'
    rm -rf "$root"
    debootstrap --variant=minbase --include=docker.io,containerd,runc,iptables,ca-certificates,procps \
      sid "$root" "$(debian_mirror)" >"$CACHE/docker-next.log" || fail "debootstrap failed: see $CACHE/docker-next.log"
  fi
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
  echo '{"features":{"containerd-snapshotter":true}}' >"$root/etc/docker-next.json"
  mount_machine_into "$root" "$mount"
  # With `--bridge none` this engine would take the other one's docker0 away when it starts.
  if ! ip link show docker-next0 >/dev/null 2>&1; then
    ip link add docker-next0 type bridge
    ip addr add 172.31.255.1/24 dev docker-next0
    ip link set docker-next0 up
  fi
  say 'Starting the second Docker engine'
  # An engine that was killed leaves these behind, and believes whoever has got its number since.
  rm -f /run/docker-next.pid /run/docker-next/containerd/containerd.pid
  setsid nohup chroot "$mount" dockerd --config-file /etc/docker-next.json --host "unix://$NEXT_SOCKET" \
    --data-root /var/lib/docker --exec-root /run/docker-next --pidfile /run/docker-next.pid \
    --bridge docker-next0 --iptables=false --ip6tables=false >/var/log/dockerd-next.log 2>&1 </dev/null 9>&- &
  for _ in $(seq 120); do
    next_answers && return
    sleep 0.5
  done
  fail 'the second Docker engine does not answer; its log is /var/log/dockerd-next.log'
}

mount_machine_into() { # ROOT MOUNTPOINT
  mkdir -p "$2"
  mountpoint -q "$2" && return
  mount --bind "$1" "$2"
  mount --make-private "$2"
  local directory
  for directory in proc sys dev run; do
    mount --rbind "/$directory" "$2/$directory"
    mount --make-rslave "$2/$directory"
  done
}
