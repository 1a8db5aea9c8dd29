/**
 * What runs in a container that has a shell: lines are carried out as they come, each answered by a mark with its exit code.
 * The error output is kept open besides: containerd closes the input of an exec when one of its outputs ends.
 * Only what POSIX shells have built in is used where it can be; `mv` makes a file appear at once.
 */
export const readerSource = String.raw`
exec 3>&2 2>&1
LC_ALL=C; export LC_ALL; unset CDPATH ENV; IFS=' '
m=$1; nl=$(printf '\nx'); nl=${'$'}{nl%x}; me=$(id -u 2>/dev/null) || me=
links() { for p; do if [ -L "$p" ]; then printf '%s is a link in the container, and links below a synced folder are not followed: Not a directory' "$p"; return 20; fi; done; }
parents() { [ -d "$1" ] && return; umask 022; mkdir -p -- "$1"; }
# owner OLD PARENT FILE WANTED
owner() {
  if [ -n "$4" ]; then if [ "$me" = 0 ]; then chown -h -- "$4" "$3"; return; fi; return 0; fi
  [ "$me" = 0 ] || return 0
  if [ -e "$1" ]; then r=$1; else r=$2; fi
  if [ -O "$r" ] && [ -G "$r" ]; then return 0; fi
  r=$(stat -c %u:%g -- "$r") && chown -h -- "$r" "$3"
}
# put TMP DIR PATH UMASK MODE WANTED-OWNER FORMAT
put() {
  parents "$2" || return
  if [ -e "$1" ]; then rm -f -- "$1" || return; fi
  umask "$4"
  if ! printf "$7" >"$1"; then
    if [ ! -e "$1" ] && [ ! -w "$2" ] && [ -f "$3" ] && [ ! -L "$3" ] && [ -w "$3" ]; then printf "$7" >"$3"; return; fi
    # Some shells do not say what ailed the write; another writer does.
    if [ -e "$1" ]; then cat /proc/mounts /proc/cpuinfo >>"$1"; rm -f -- "$1"; fi
    return 1
  fi
  place "$1" "$2" "$3" "$5" "$6"
}
# stage TMP: an empty file for what comes in pieces
stage() { parents "$2" || return; rm -f -- "$1"; umask 077; printf '' >"$1"; }
# place TMP DIR PATH MODE WANTED-OWNER
place() {
  owner "$3" "$2" "$1" "$5" || { rm -f -- "$1"; return 1; }
  if [ -n "$4" ]; then chmod "$4" "$1" || { rm -f -- "$1"; return 1; }; fi
  move "$1" "$3"
}
move() {
  if [ -L "$2" ]; then rm -f -- "$2"; elif [ -d "$2" ]; then rmdir -- "$2" || { rm -f -- "$1"; return 1; }; fi
  e=$(mv -f -- "$1" "$2" 2>&1 </dev/null) && return 0
  case $e in *[Bb]usy*) if [ -f "$2" ]; then cat -- "$1" >"$2"; s=$?; rm -f -- "$1"; return $s; fi ;; esac
  printf '%s' "$e"; rm -f -- "$1" 2>/dev/null; return 1
}
# directory PATH MODE WANTED-OWNER
directory() {
  if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then rm -f -- "$1" || return; fi
  if [ -d "$1" ]; then [ -z "$3" ] || owner "$1" "$1" "$1" "$3" || return; chmod "$2" "$1"; return; fi
  umask 022; parents "$4" && mkdir -- "$1" && owner "$4" "$4" "$1" "$3" && chmod "$2" "$1"
}
# link TMP DIR PATH TARGET WANTED-OWNER
link() { umask 022; parents "$2" && rm -f -- "$1" && ln -s -- "$4" "$1" && owner "$3" "$2" "$1" "$5" && move "$1" "$3"; }
remove() {
  if [ -d "$1" ] && [ ! -L "$1" ]; then
    rmdir -- "$1" 2>/dev/null && return
    [ -d "$1" ] || return 0
    e=$(rmdir -- "$1" 2>&1) && return
    case $e in *empty*|*exist*) return 0 ;; esac
    printf '%s' "$e"; return 1
  fi
  if [ -L "$1" ] || [ -e "$1" ]; then rm -f -- "$1"; fi
}
look() {
  h=$1; shift; c=
  for p; do shift
    if [ -L "$p" ]; then c=${'$'}{c}l
    elif [ -d "$p" ]; then c=${'$'}{c}d; set -- "$@" "$p"
    elif [ -f "$p" ]; then c=${'$'}{c}f; set -- "$@" "$p"
    else c=$c-; fi
  done
  printf '%s\n' "$c"
  if [ $# -gt 0 ]; then stat -c '=%a %s' -- "$@"; fi
  printf '.\n'
  for p; do shift; [ -d "$p" ] || set -- "$@" "$p"; done
  if [ "$h" = 1 ] && [ $# -gt 0 ]; then sha256sum -- "$@"; fi
}
# spread STAGED DIR WANTED-OWNER NAME...: all files of one directory in one go
spread() {
  s=$1 d=$2 w=$3; shift 3
  parents "$d" || return
  for p; do if [ -d "$d/$p" ]; then return 21; fi; done
  (
    cd -- "$s" || exit
    if [ "$me" = 0 ]; then
      if [ -n "$w" ]; then chown -h -- "$w" "$@" || exit
      else for p; do owner "$d/$p" "$d" "$p" '' || exit; done; fi
    fi
    exec mv -f -- "$@" "$d/"
  )
}
# one STAGED DIR PATH MODE WANTED-OWNER SIZE MOVING
one() {
  if [ ! -f "$1" ]; then
    # Where all were staged, the move of all of them has got as far as this one.
    if [ "$7" = 1 ] && [ -f "$3" ] && [ ! -L "$3" ]; then return 0; fi
    return 44
  fi
  if [ "$(stat -c %s -- "$1")" != "$6" ]; then rm -f -- "$1"; return 44; fi
  parents "$2" && place "$1" "$2" "$3" "$4" "$5"
}
writable() {
  for p; do
    while [ ! -e "$p" ] && [ "$p" != / ] && [ -n "$p" ]; do p=${'$'}{p%/*}; done
    [ -n "$p" ] || p=/
    # To some shells all is writable for root: only a try tells.
    if [ -d "$p" ]; then t=$p/.ptah-sync-probe; else t=$p; fi
    e=$({ printf '' >>"$t"; } 2>&1)
    [ "$t" = "$p" ] || rm -f -- "$t" 2>/dev/null
    case $e in *[Rr]ead-only*) ;; *) return 0 ;; esac
  done
  return 1
}
sweep() { for p; do rm -rf -- "$p"/.ptah-sync-????????????; done; }
while IFS= read -r l; do eval "$l" </dev/null; printf '\n%s %s\n' "$m" "$?"; done
`;
