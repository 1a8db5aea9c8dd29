# kindest/node. Where it can be pulled it is; else the same thing is put together here: Debian's systemd, containerd and runc,
# Kubernetes, etcd and CoreDNS built from their Go modules, and kind's own files for a node out of kind's module.
# Only the agent of the pod network is ours (node/kindnetd): its upstream publishes no module.

ensure_node_image() {
  node_image_present && return
  pull_image "$NODE_IMAGE" && return
  with_cache_lock load_or_build_node_image
}

node_image_present() { docker image inspect "$NODE_IMAGE" >/dev/null 2>&1; }

load_or_build_node_image() {
  node_image_present && return
  local archive=$CACHE/node-$KUBERNETES-$NODE_RECIPE.tar
  if [ -s "$archive" ]; then
    say 'Loading the node image from the cache'
    docker load --quiet --input "$archive" >/dev/null
    return
  fi
  say "$NODE_IMAGE cannot be pulled: building it from source"
  build_node_programs
  need_command debootstrap debootstrap
  need_command jq jq
  ensure_static_busybox
  build_node_image
  docker save "$NODE_IMAGE" --output "$archive.part"
  mv "$archive.part" "$archive"
}

ensure_static_busybox() {
  if [ ! -x /bin/busybox ] || ldd /bin/busybox >/dev/null 2>&1; then install_packages busybox-static; fi
}

build_node_image() {
  local kind work=$CACHE/work root=$CACHE/work/root bits=$CACHE/work/bits
  kind=$(kind_sources)
  [ -d "$kind" ] || fail "the Go module of kind $KIND could not be downloaded"
  rm -rf "$work"
  mkdir -p "$work"
  local network=$kind/pkg/build/nodeimage/const_cni.go storage=$kind/pkg/build/nodeimage/const_storage.go
  local -a preloaded=()

  say '  a root of Debian for the node'
  debootstrap --variant=minbase \
    --include=systemd,conntrack,iptables,nftables,iproute2,ethtool,mount,kmod,jq,procps,ca-certificates,containerd,runc,containernetworking-plugins,pigz,e2fsprogs \
    "$DEBIAN" "$root" "$(debian_mirror)" >"$work/debootstrap.log" || fail "debootstrap failed: see $work/debootstrap.log"
  say '  the images of the control plane'
  fill_bits
  make_control_plane_images
  say "  kind's files in the node"
  furnish_node
  import_node
  say '  the images of the control plane into the node'
  preload_node
  docker rmi --force "${preloaded[@]}" ptah-cluster/bits ptah-cluster/base ptah-cluster/root >/dev/null 2>&1 || true
  rm -rf "$work"
}

# The functions below share the local variables of build_node_image: kind, work, root, bits, network, storage, preloaded.

# One root file system that every image of the control plane is made from: busybox, our programs, and from Debian
# what kube-proxy and the network agent call (iptables, nft, conntrack) with the libraries that these need.
fill_bits() {
  mkdir -p "$bits"/{bin,usr/local/bin,usr/sbin,usr/lib/x86_64-linux-gnu,etc/ssl/certs,tmp,var,proc,sys,dev,run,root}
  chmod 1777 "$bits/tmp"
  cp /bin/busybox "$bits/bin/"
  local name file library
  for name in $(/bin/busybox --list); do [ "$name" = busybox ] || ln -sf busybox "$bits/bin/$name"; done
  cp "$BIN/kubenode" "$BIN/local-path-provisioner" "$bits/usr/local/bin/"
  for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy etcd kubectl; do
    ln -s kubenode "$bits/usr/local/bin/$name"
  done
  cp "$BIN/coredns" "$bits/coredns"
  install -m 755 "$here/node/kindnetd" "$bits/bin/kindnetd"
  cp -a "$root/usr/lib/x86_64-linux-gnu/xtables" "$bits/usr/lib/x86_64-linux-gnu/"
  for file in usr/sbin/xtables-nft-multi usr/sbin/nft usr/sbin/conntrack; do cp -a "$root/$file" "$bits/$file"; done
  while read -r library; do
    mkdir -p "$bits$(dirname "$library")"
    cp -L "$root$library" "$bits$library"
  done < <(libraries_of usr/sbin/{xtables-nft-multi,nft,conntrack} 'usr/lib/x86_64-linux-gnu/xtables/*.so')
  for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
    ln -sf xtables-nft-multi "$bits/usr/sbin/$name"
  done
  cp "$root/etc/protocols" "$bits/etc/" 2>/dev/null || true
  cp "$root/etc/ssl/certs/ca-certificates.crt" "$bits/etc/ssl/certs/"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$bits/etc/passwd"
  echo 'root:x:0:' >"$bits/etc/group"
}

libraries_of() ( # PATTERN… below the node's root
  cd "$root"
  local file
  # shellcheck disable=SC2068
  for file in $@; do
    chroot . /usr/bin/ldd "/$file" | sed -nE 's/.*=> (\/[^ ]+).*/\1/p; s/^[[:space:]]*(\/[^ ]+) .*/\1/p'
  done | sort -u
)

make_control_plane_images() {
  tar -C "$bits" -c . | docker import -c 'ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/bin' - ptah-cluster/bits >/dev/null
  ln -sf kubenode "$BIN/kubeadm"
  local wanted image sandbox
  wanted=$("$BIN/kubeadm" config images list --kubernetes-version "$KUBERNETES")
  for image in $(grep -vE '/(coredns|pause):' <<<"$wanted"); do tag_bits "$image" '[]'; done
  tag_bits "$(grep coredns <<<"$wanted")" '["/coredns"]'
  tag_bits "$(go_constant "$network" kindnetdImage)" '["/bin/kindnetd"]'
  tag_bits "$(go_constant "$storage" storageProvisionerImage)" '["local-path-provisioner"]'
  image=$(go_constant "$storage" storageHelperImage)
  (cd "$bits" && tar -c --exclude=kindnetd bin) | docker import -c 'ENTRYPOINT ["/bin/sh"]' - "$image" >/dev/null
  preloaded+=("$image")
  # containerd's sandbox and kubeadm's pause may differ in version; both are the same program
  sandbox=$(sed -nE 's/.*sandbox_image = "(.*)"/\1/p' "$kind/images/base/files/etc/containerd/config.toml")
  tar -C "$BIN" -c pause | docker import -c 'ENTRYPOINT ["/pause"]' - "$sandbox" >/dev/null
  image=$(grep pause <<<"$wanted")
  docker tag "$sandbox" "$image"
  preloaded+=("$sandbox" "$image")
}

tag_bits() { # IMAGE ENTRYPOINT
  printf 'FROM ptah-cluster/bits\nENTRYPOINT %s\n' "$2" | DOCKER_BUILDKIT=0 docker build --quiet --tag "$1" - >/dev/null 2>&1
  preloaded+=("$1")
}

# A string constant of a Go file; with `+ name +` inside a raw string replaced by the constants of that file.
go_constant() { # FILE NAME
  sed -nE "s/^const $2 = \"(.*)\"/\1/p" "$1"
}
go_raw_string() { # FILE NAME
  awk -v name="$2" '
    /^const [A-Za-z]+ = "/ { value = $0; sub(/^[^"]*"/, "", value); sub(/"[^"]*$/, "", value); constants[$2] = value; next }
    $1 == "const" && $2 == name { inside = 1; sub(/^[^`]*`/, "") }
    inside {
      for (each in constants) gsub("` \\+ " each " \\+ `", constants[each])
      if (index($0, "`")) { printf "%s", substr($0, 1, index($0, "`") - 1); exit }
      print
    }' "$1"
}

furnish_node() {
  local name
  cp -r --no-preserve=ownership "$kind/images/base/files/." "$work/files"
  chmod -R u+w "$work/files"
  cp "$work"/files/usr/local/bin/* "$root/usr/local/bin/"
  chmod 755 "$root"/usr/local/bin/*
  mkdir -p "$root"/kind/{bin,manifests} "$root/opt/cni/bin" "$root/usr/local/sbin" "$root/etc/kubernetes/manifests"
  cp "$work"/files/kind/bin/* "$root/kind/bin/"
  chmod 755 "$root"/kind/bin/*
  cp -r "$work/files/etc/." "$root/etc/"
  # without CAP_SYS_RESOURCE a node may not lower the oom scores of its containers
  sed -i 's/restrict_oom_score_adj = false/restrict_oom_score_adj = true/' "$root/etc/containerd/config.toml"
  sed -i 's#/usr/local/bin/containerd$#/usr/bin/containerd#' "$root/etc/systemd/system/containerd.service"
  for name in host-local loopback ptp portmap; do cp "$root/usr/lib/cni/$name" "$root/opt/cni/bin/"; done
  ln -sf /usr/sbin/runc "$root/usr/local/sbin/runc"
  for name in containerd ctr containerd-shim-runc-v2; do ln -sf "/usr/bin/$name" "$root/usr/local/bin/$name"; done
  settle_systemd
  chroot "$root" ctr oci spec |
    jq '.hooks.createContainer += [{"path":"/kind/bin/mount-product-files.sh"}] | del(.process.rlimits)' >"$root/etc/containerd/cri-base.json"
  cp "$BIN/kubenode" "$root/usr/bin/"
  for name in kubelet kubeadm kubectl crictl; do ln -sf kubenode "$root/usr/bin/$name"; done
  printf %s "$KUBERNETES" >"$root/kind/version"
  go_raw_string "$network" defaultCNIManifest >"$root/kind/manifests/default-cni.yaml"
  go_raw_string "$storage" defaultStorageManifest >"$root/kind/manifests/default-storage.yaml"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}/*
}

# A node starts what kind wants started and nothing that Debian would start on a real machine.
settle_systemd() {
  (
    cd "$root"
    rm -f lib/systemd/system/sysinit.target.wants/systemd-tmpfiles-setup.service lib/systemd/system/multi-user.target.wants/* \
      etc/systemd/system/*.wants/* lib/systemd/system/local-fs.target.wants/* lib/systemd/system/sockets.target.wants/*udev* \
      lib/systemd/system/basic.target.wants/*
  )
  mkdir -p "$root/etc/systemd/journald.conf.d"
  printf '[Journal]\nReadKMsg=no\n' >"$root/etc/systemd/journald.conf.d/kind.conf"
  ln -sf /usr/lib/systemd/systemd "$root/sbin/init"
  chroot "$root" systemctl enable kubelet.service containerd.service undo-mount-hacks.service >/dev/null 2>&1
  chroot "$root" systemctl mask systemd-binfmt.service >/dev/null 2>&1
}

import_node() {
  tar -C "$root" -c . | docker import - ptah-cluster/root >/dev/null
  printf 'FROM ptah-cluster/root\nENV container=docker\nSTOPSIGNAL SIGRTMIN+3\nENTRYPOINT ["/usr/local/bin/entrypoint","/sbin/init"]\n' |
    DOCKER_BUILDKIT=0 docker build --quiet --tag ptah-cluster/base - >/dev/null 2>&1
}

preload_node() {
  local builder=ptah-cluster-build
  docker rm --force "$builder" >/dev/null 2>&1 || true
  docker run --detach --name "$builder" --security-opt seccomp=unconfined --entrypoint sleep ptah-cluster/base infinity >/dev/null
  docker exec "$builder" bash -c 'nohup containerd >/dev/null 2>&1 &
    for _ in $(seq 50); do [ -S /run/containerd/containerd.sock ] && break; sleep 0.2; done; ctr version >/dev/null'
  docker save "${preloaded[@]}" |
    docker exec --interactive "$builder" ctr --namespace=k8s.io images import --label=io.cri-containerd.pinned=pinned \
      --all-platforms --no-unpack --digests - >/dev/null
  docker exec "$builder" pkill containerd
  sleep 1
  docker commit --change 'ENTRYPOINT ["/usr/local/bin/entrypoint","/sbin/init"]' "$builder" "$NODE_IMAGE" >/dev/null
  docker rm --force "$builder" >/dev/null
}
