# Stand-ins for the base images that the examples name, under the same names: where they can be pulled they are, else they
# are built from Debian's and PyPI's packages. What this machine needs to reach a package index (its CA bundle, a proxy, a
# mirror) is read from the machine and put into the stand-ins, never into the repository.

readonly -a STAND_INS=(python:3.13-slim ghcr.io/astral-sh/uv:latest mariadb:11.8 busybox:1)

ensure_stand_ins() { # [SOCKET of another engine]
  [ -z "$1" ] || export DOCKER_HOST=unix://${1#unix://}
  stand_ins_present && return
  with_cache_lock load_or_build_stand_ins
}

stand_ins_present() { docker image inspect "${STAND_INS[@]}" >/dev/null 2>&1; }

load_or_build_stand_ins() {
  stand_ins_present && return
  local archive=$CACHE/stand-ins-$DEBIAN-$STAND_IN_RECIPE.tar
  if [ ! -s "$archive" ]; then
    pull_all_stand_ins && return
    # the machine's own engine: the second one's containers have no network of their own
    (
      unset DOCKER_HOST
      build_stand_ins
      docker save "${STAND_INS[@]}" --output "$archive.part"
      mv "$archive.part" "$archive"
    )
    stand_ins_present && return
  fi
  say 'Loading the stand-ins for base images from the cache'
  docker load --quiet --input "$archive" >/dev/null
}

# One that can't be pulled is enough to build them all: they must fit together (certificates, python for uv's wheel).
pull_all_stand_ins() {
  local image
  for image in "${STAND_INS[@]}"; do pull_image "$image" || return 1; done
}

build_stand_ins() {
  local work=$CACHE/stand-ins-work
  rm -rf "$work"
  mkdir -p "$work"
  need_command debootstrap debootstrap
  say "Building stand-ins for ${STAND_INS[*]} (about a minute, once)"
  debootstrap --variant=minbase --include=ca-certificates "$DEBIAN" "$work/root" "$(debian_mirror)" >"$work/debootstrap.log" ||
    fail "debootstrap failed: see $work/debootstrap.log"
  let_root_reach_the_indexes "$work/root"
  rm -rf "$work"/root/var/cache/apt/archives/*.deb "$work"/root/var/lib/apt/lists/* "$work"/root/usr/share/{doc,man,locale}/*
  tar -C "$work/root" -c . | docker import -c 'CMD ["bash"]' - ptah-cluster/debian >/dev/null
  local name
  for name in python uv mariadb; do build_stand_in "$name"; done
  build_busybox
  docker rmi --force ptah-cluster/debian >/dev/null 2>&1 || true
  rm -rf "$work"
}

build_stand_in() { # FOLDER
  local image log
  case $1 in python) image=${STAND_INS[0]} ;; uv) image=${STAND_INS[1]} ;; mariadb) image=${STAND_INS[2]} ;; esac
  log=$CACHE/stand-in-$1.log
  say "  $image"
  DOCKER_BUILDKIT=0 docker build --tag "$image" "$here/stand-ins/$1" >"$log" 2>&1 || {
    tail -20 "$log" >&2
    fail "building the stand-in for $image failed: see $log"
  }
}

# Small enough to be loaded into every node: pods of tests that need no more than a shell or httpd.
build_busybox() {
  ensure_static_busybox
  local root=$CACHE/stand-ins-work/busybox name
  mkdir -p "$root"/{bin,tmp,etc}
  chmod 1777 "$root/tmp"
  cp /bin/busybox "$root/bin/"
  for name in $(/bin/busybox --list); do [ "$name" = busybox ] || ln -sf busybox "$root/bin/$name"; done
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  tar -C "$root" -c . | docker import -c 'ENV PATH=/bin' -c 'CMD ["sh"]' - busybox:1 >/dev/null
}

# The machine's certificates, and how its pip and apt are told to reach their indexes.
let_root_reach_the_indexes() { # ROOT
  cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"
  apt-config dump 2>/dev/null | grep -iE '^Acquire::https?::Proxy ' >"$1/etc/apt/apt.conf.d/90proxy" || true
  # stand-ins need no documentation
  printf 'path-exclude=/usr/share/doc/*\npath-exclude=/usr/share/man/*\npath-exclude=/usr/share/locale/*\n' \
    >"$1/etc/dpkg/dpkg.cfg.d/small"
  local index extra proxy trusted
  index=$(pip_setting index-url)
  extra=$(pip_setting extra-index-url)
  proxy=$(pip_setting proxy)
  trusted=$(pip_setting trusted-host)
  mkdir -p "$1/etc/uv"
  {
    echo '[global]'
    echo 'cert = /etc/ssl/certs/ca-certificates.crt'
    [ -z "$index" ] || echo "index-url = $index"
    [ -z "$extra" ] || echo "extra-index-url = $extra"
    [ -z "$proxy" ] || echo "proxy = $proxy"
    [ -z "$trusted" ] || echo "trusted-host = $trusted"
  } >"$1/etc/pip.conf"
  if [ -n "$index" ]; then printf '[[index]]\nurl = "%s"\ndefault = true\n' "$index"; fi >"$1/etc/uv/uv.toml"
}

pip_setting() { # NAME
  command -v python3 >/dev/null || return 0
  python3 -m pip config list 2>/dev/null | sed -nE "s/^(:env:|global|user|site)\.$1='(.*)'\$/\2/p" | head -1
}
