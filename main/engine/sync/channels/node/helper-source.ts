/**
 * What runs in the node, one process for all containers there: a reader of frames in Perl, which every Kind node has (Debian's
 * `perl-base` is essential). A shell would start `mv` and `chmod` for each edit and could not open a path without following links.
 *
 * A path is walked one component at a time from the container's root, each opened by its parent's descriptor with `O_NOFOLLOW`;
 * links are read and resolved here, so that an absolute one means the container's root and never the node's. `/proc/PID` is held
 * open: it goes stale with its process and never becomes that of a later one with the same number.
 */
export const helperSource = String.raw`
use strict; use Fcntl qw(:DEFAULT :mode); use POSIX ();
my $PATH = 010000000;
my ($in, $out, $idle, $heard) = ('', '', 0, 0);
my (%box, %up, %kid);
umask 0; $SIG{PIPE} = 'IGNORE'; $ENV{LC_ALL} = 'C';

sub flushout {
  my $o = 0;
  while ($o < length $out) {
    my $n = syswrite(STDOUT, $out, length($out) - $o, $o);
    next if !defined $n && $!{EINTR};
    quit() unless $n;
    $o += $n;
  }
  ($out, $heard) = ('', 0);
}
sub say1 { my ($id, $kind, $body) = @_; $out .= pack('NNa1', length($body) + 5, $id, $kind) . $body; flushout() if length $out > 65536 }
sub fail { my ($e, $t) = @_; $! = $e; die [$e, defined $t ? $t : "$!"] }
sub sysfail { my $e = $! + 0; die [$e, "$!"] }
sub quit {
  for my $u (values %up) { unlink "$u->{b}/$u->{tmp}" if defined $u->{tmp} }
  kill 'KILL', map { $_->{pid} } values %kid if %kid;
  POSIX::_exit(0);
}
sub fd { '/proc/self/fd/' . fileno($_[0]) }

sub box { my $b = $box{$_[0]} or fail(3, 'No such container is open here.'); $b }
sub rootof {
  my $h = shift;
  return $h->{root} if $h->{root};
  sysopen(my $r, fd($h->{proc}) . '/root', $PATH | O_DIRECTORY) or fail(3, 'The container has ended.');
  $h->{root} = $r;
}
# The directory of a path. Links are followed in the first $follow components only, and as the container would.
sub dirof {
  my ($h, $dir, $follow, $create) = @_;
  my $key = "$follow:$dir";
  return $h->{dirs}{$key} if $h->{dirs}{$key};
  my $i = 0; my $links = 0; my $made = 0;
  my @todo = map { [$_, $i++ < $follow] } grep { length } split m{/}, $dir;
  my @at = (rootof($h));
  while (@todo) {
    my ($n, $ok) = @{shift @todo};
    next if $n eq '.';
    if ($n eq '..') { pop @at if @at > 1; next }
    my $p = fd($at[-1]) . '/' . $n;
    if (sysopen(my $d, $p, $PATH | O_DIRECTORY | O_NOFOLLOW)) { push @at, $d; next }
    my $e = $! + 0;
    my $t = readlink $p;
    if (defined $t) {
      fail(20, "$n is a link in the container, and links below a synced folder are not followed") unless $ok;
      fail(40) if ++$links > 40;
      @at = ($at[0]) if $t =~ m{^/};
      unshift @todo, map { [$_, 1] } grep { length } split m{/}, $t;
      next;
    }
    if ($e == 2 && $create && $made++ < 4096) {
      my @s = stat($at[-1]);
      mkdir($p, 0755) or $!{EEXIST} or sysfail();
      POSIX::lchown($s[4], $s[5], $p);
      unshift @todo, [$n, 0]; next;
    }
    fail($e);
  }
  %{$h->{dirs}} = () if keys %{$h->{dirs}} > 64;
  $h->{dirs}{$key} = $at[-1];
}
# Directory and name; where the last component may be a link to follow, the place that it leads to.
sub place {
  my ($h, $path, $follow, $create, $through) = @_;
  my ($dir, $name) = $path =~ m{^(.*)/([^/]+)$}s or fail(22, 'Not a path to a file.');
  my $count = grep { length } split m{/}, $path;
  my $d = dirof($h, $dir, $follow, $create);
  if ($through && $follow >= $count && -l fd($d) . "/$name") {
    my $t = dirof($h, $path, $follow, 0);
    return ($t, '.');
  }
  return ($d, $name);
}
sub names {
  my ($h, $file) = @_;
  return $h->{$file} if $h->{$file};
  my %n;
  my $fh = eval { my ($d, $n) = place($h, "/etc/$file", 9, 0); if (-l fd($d) . "/$n") { my $t = readlink(fd($d) . "/$n"); $t = "/etc/$t" unless $t =~ m{^/}; ($d, $n) = place($h, $t, 99, 0) } sysopen(my $f, fd($d) . "/$n", O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or die; $f };
  if ($fh && -f $fh) { my $text = ''; 1 while sysread($fh, $text, 65536, length $text) && length $text < 4e6; for (split /\n/, $text) { my @f = split /:/, $_, -1; $n{$f[0]} ||= [$f[2], $f[3]] } }
  $h->{$file} = \%n;
}
sub ids {
  my ($h, $owner) = @_;
  my ($u, $g) = split /:/, $owner, 2;
  my ($uid, $gid);
  if ($u =~ /^\d+$/) { ($uid, $gid) = ($u, $u) }
  else { my $e = names($h, 'passwd')->{$u} or fail(22, "The container has no user $u."); ($uid, $gid) = @$e }
  if (defined $g && length $g) {
    if ($g =~ /^\d+$/) { $gid = $g }
    else { my $e = names($h, 'group')->{$g} or fail(22, "The container has no group $g."); $gid = $e->[0] }
  }
  return ($uid + 0, $gid + 0);
}
sub ownerfor {
  my ($h, $owner, $d, @old) = @_;
  return ids($h, $owner) if length $owner;
  @old = stat($d) unless @old;
  return @old[4, 5];
}
sub writeall {
  my $fh = $_[0]; my $o = 0; my $len = length $_[1];
  while ($o < $len) {
    my $n = syswrite($fh, $_[1], $len - $o, $o);
    if (!defined $n) { next if $!{EINTR}; sysfail() }
    $o += $n;
  }
}
sub begin {
  my ($h, $path, $follow, $mode, $owner, $token) = @_;
  my ($d, $name) = place($h, $path, $follow, 1);
  my $b = fd($d);
  my @old = lstat("$b/$name");
  my $dir = @old && S_ISDIR($old[2]);
  my ($uid, $gid) = ownerfor($h, $owner, $d, $dir ? () : @old);
  my $u = { h => $h, d => $d, b => $b, name => $name, mode => $mode, uid => $uid, gid => $gid, must => length $owner };
  my $tmp = ".ptah-sync-$token";
  my $flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
  my $f;
  if (sysopen($f, "$b/$tmp", $flags, 0600) || ($!{EEXIST} && unlink("$b/$tmp") && sysopen($f, "$b/$tmp", $flags, 0600))) {
    $u->{fh} = $f; $u->{tmp} = $tmp;
  } elsif ($!{EROFS} && @old && S_ISREG($old[2])) {
    # A writable file mounted into a directory that is not.
    sysopen(my $g, "$b/$name", O_RDWR | O_NOFOLLOW | O_NONBLOCK) or sysfail();
    my $keep = ''; if (-s $g <= 16777216) { 1 while sysread($g, $keep, 65536, length $keep); $u->{keep} = $keep; sysseek($g, 0, 0) }
    $u->{fh} = $g;
  } else { sysfail() }
  return $u;
}
sub undo {
  my $u = shift;
  if (defined $u->{tmp}) { unlink "$u->{b}/$u->{tmp}" }
  elsif (defined $u->{keep}) { sysseek($u->{fh}, 0, 0); eval { writeall($u->{fh}, $u->{keep}) }; truncate($u->{fh}, length $u->{keep}) }
}
sub finish {
  my $u = shift;
  my ($b, $name, $f) = @$u{qw(b name fh)};
  if (!defined $u->{tmp}) { truncate($f, sysseek($f, 0, 1) + 0) or sysfail(); return }
  my $p = "$b/$u->{tmp}";
  chown($u->{uid}, $u->{gid}, $f) or !$u->{must} or sysfail();
  chmod($u->{mode}, $f) or sysfail();
  return if rename($p, "$b/$name");
  return if ($!{EISDIR} || $!{ENOTEMPTY} || $!{EEXIST}) && rmdir("$b/$name") && rename($p, "$b/$name");
  $!{EBUSY} or do { my $e = $! + 0; $e = 21 if -d "$b/$name"; fail($e) };
  # A mount point, such as a single file of a ConfigMap or a subPath: its own file is written.
  sysopen(my $g, "$b/$name", O_RDWR | O_NOFOLLOW | O_NONBLOCK) or sysfail();
  -f $g or fail(16);
  my ($keep, $chunk, $size) = ('', '', 0);
  my $small = -s $g <= 16777216;
  if ($small) { 1 while sysread($g, $keep, 65536, length $keep); sysseek($g, 0, 0) }
  sysseek($f, 0, 0);
  my $ok = eval { while (my $n = sysread($f, $chunk, 262144)) { writeall($g, $chunk); $size += $n } truncate($g, $size) or sysfail(); 1 };
  my $why = $@;
  if (!$ok) { if ($small) { sysseek($g, 0, 0); eval { writeall($g, $keep) }; truncate($g, length $keep) } die $why }
  chmod($u->{mode}, $g); chown($u->{uid}, $u->{gid}, $g) if $u->{must};
  unlink $p;
}

my %do = (
  O => sub {
    my ($id, $pid, $cid, @targets) = ($_[0], unpack('N N/a* (N/a*)*', $_[1]));
    sysopen(my $proc, "/proc/$pid", $PATH | O_DIRECTORY) or fail(3, 'The container has ended.');
    my $wait = syscall(434, $pid + 0, 0);
    my $cg = ''; { open(my $c, '<', fd($proc) . '/cgroup') or fail(3, 'The container has ended.'); local $/; $cg = <$c> }
    index($cg, $cid) >= 0 or fail(3, "Process $pid does not belong to the container.");
    -e fd($proc) . '/stat' or fail(3, 'The container has ended.');
    my $h = { proc => $proc, pid => $pid, wait => $wait, dirs => {}, id => $id };
    my $foreign = readlink(fd($proc) . '/ns/user') ne readlink('/proc/self/ns/user') ? 1 : 0;
    my $free = '';
    for my $t (@targets) {
      my ($p, $w) = ($t, 1);
      while (1) {
        my $count = grep { length } split m{/}, $p;
        my $d = eval { dirof($h, $p, $count, 0) };
        if ($d) { $w = POSIX::access(fd($d), 2) || !$!{EROFS} ? 1 : 0; last }
        my ($up, $n) = $p =~ m{^(.*)/([^/]+)$}s or last;
        if (my $f = eval { dirof($h, $up, $count, 0) }) { if (-f fd($f) . "/$n") { $w = POSIX::access(fd($f) . "/$n", 2) || !$!{EROFS} ? 1 : 0; last } }
        $p = $up;
      }
      $free .= $w;
    }
    $box{$id} = $h;
    return "$foreign$free";
  },
  C => sub { my $h = delete $box{$_[0]}; POSIX::close($h->{wait}) if $h && $h->{wait} >= 0; '' },
  P => sub {
    my ($b, $path, $follow, $mode, $owner, $token, $data) = unpack('N N/a* N N N/a* N/a* N/a*', $_[1]);
    my $u = begin(box($b), $path, $follow, $mode, $owner, $token);
    eval { writeall($u->{fh}, $data); finish($u); 1 } or do { my $e = $@; undo($u); die $e };
    rootalive(box($b)); '';
  },
  B => sub {
    my ($id, $b, $path, $follow, $mode, $owner, $token) = ($_[0], unpack('N N/a* N N N/a* N/a*', $_[1]));
    $up{$id} = begin(box($b), $path, $follow, $mode, $owner, $token); undef;
  },
  W => sub {
    my $u = $up{$_[0]} or return undef;
    eval { writeall($u->{fh}, $_[1]); 1 } or do { my $e = $@; undo($u); delete $up{$_[0]}; die $e };
    undef;
  },
  F => sub {
    my $u = delete $up{$_[0]} or return undef;
    if ($_[1] ne '1') { undo($u); return '' }
    eval { finish($u); 1 } or do { my $e = $@; undo($u); die $e };
    rootalive($u->{h}); '';
  },
  M => sub {
    my ($b, $path, $follow, $mode, $owner) = unpack('N N/a* N N N/a*', $_[1]);
    my $h = box($b);
    my ($d, $name) = place($h, $path, $follow, 1, 1);
    my $p = fd($d) . "/$name";
    my @old = lstat $p;
    if (@old && !S_ISDIR($old[2])) { unlink $p or sysfail(); @old = () }
    if (!@old) {
      my ($uid, $gid) = ownerfor($h, $owner, $d);
      mkdir($p, 0700) or sysfail();
      sysopen(my $f, $p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) or sysfail();
      chown($uid, $gid, $f) or !length $owner or sysfail();
      chmod($mode, $f) or sysfail();
    } elsif (($old[2] & 07777) != $mode || length $owner) {
      sysopen(my $f, $p, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) or sysfail();
      if (length $owner) { chown(ids($h, $owner), $f) or sysfail() }
      chmod($mode, $f) or sysfail();
    }
    rootalive($h); '';
  },
  L => sub {
    my ($b, $path, $follow, $owner, $token, $target) = unpack('N N/a* N N/a* N/a* N/a*', $_[1]);
    my $h = box($b);
    my ($d, $name) = place($h, $path, $follow, 1);
    my ($p, $t) = (fd($d) . "/$name", fd($d) . "/.ptah-sync-$token");
    my @old = lstat $p;
    my ($uid, $gid) = ownerfor($h, $owner, $d, @old && !S_ISDIR($old[2]) ? @old : ());
    unlink $t; symlink($target, $t) or sysfail();
    POSIX::lchown($uid, $gid, $t);
    unless (rename($t, $p) || (($!{EISDIR} || $!{EEXIST} || $!{ENOTEMPTY}) && rmdir($p) && rename($t, $p))) { my $e = $! + 0; unlink $t; fail($e) }
    rootalive($h); '';
  },
  H => sub {
    my ($b, $path, $follow, $mode) = unpack('N N/a* N N', $_[1]);
    my $h = box($b);
    my ($d, $name) = place($h, $path, $follow, 0, 1);
    sysopen(my $f, fd($d) . "/$name", O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or sysfail();
    chmod($mode, $f) or sysfail();
    rootalive($h); '';
  },
  R => sub {
    my ($b, $path, $follow) = unpack('N N/a* N', $_[1]);
    my $h = box($b);
    my ($d, $name) = eval { place($h, $path, $follow, 0) };
    if (!$d) { my $e = $@; return '' if ref $e && ($e->[0] == 2 || $e->[0] == 20); die $e }
    my $p = fd($d) . "/$name";
    my @old = lstat $p or return '';
    if (S_ISDIR($old[2])) { %{$h->{dirs}} = (); rmdir $p or $!{ENOTEMPTY} or $!{EEXIST} or $!{ENOENT} or sysfail() }
    else { unlink $p or $!{ENOENT} or sysfail() }
    rootalive($h); '';
  },
  K => sub {
    my ($b, $number) = unpack('N N', $_[1]);
    my $h = box($b);
    if ($h->{wait} >= 0) { syscall(424, $h->{wait}, $number + 0, 0, 0) == 0 or sysfail() }
    else { rootof($h); kill($number, $h->{pid}) or sysfail() }
    '';
  },
  N => sub { '' },
  G => sub {
    my ($id, $b, $path, $follow) = ($_[0], unpack('N N/a* N', $_[1]));
    my ($d, $name) = place(box($b), $path, $follow, 0, 1);
    sysopen(my $f, fd($d) . "/$name", O_RDONLY | O_NOFOLLOW | O_NONBLOCK) or sysfail();
    -d $f and fail(21); -f $f or fail(22, 'Not a regular file.');
    child($id, sub { my ($w, $c) = (shift, ''); while (sysread($f, $c, 262144)) { writeall($w, $c) } });
  },
  S => sub {
    my ($id, $b, $hash, @want) = ($_[0], unpack('N N (N N/a*)*', $_[1]));
    my $h = box($b); rootof($h);
    child($id, sub {
      my $w = shift; $^F = 4000;
      my ($i, $o, @open) = (0, '');
      my $sums = sub {
        return unless @open;
        my @h = ('') x @open;
        if (open(my $p, '-|', 'sha256sum', '-z', '--', map { fd($_->[1]) } @open)) {
          local $/ = "\0"; my %n; $n{fd($open[$_][1])} = $_ for 0 .. $#open;
          while (<$p>) { chomp; /^([0-9a-f]{64})  (.*)$/s and $h[$n{$2}] = $1 }
        }
        for (0 .. $#open) { $o .= pack('N a1 N Q> N/a*', $open[$_][0], 'f', @{$open[$_][2]}[2, 7], $h[$_]) }
        @open = ();
      };
      while (@want) {
        my ($follow, $path) = splice @want, 0, 2; my $n = $i++;
        my ($d, $name) = eval { place($h, $path, $follow, 0, 1) };
        if (!$d) { my $e = $@; $o .= pack('N a1 N Q> N/a*', $n, 'e', $e->[0], 0, $e->[1]) unless ref $e && ($e->[0] == 2 || $e->[0] == 20); next }
        my $p = fd($d) . "/$name";
        my @s = lstat $p or next;
        if (S_ISDIR($s[2])) { $o .= pack('N a1 N Q> N/a*', $n, 'd', $s[2], 0, '') }
        elsif (S_ISLNK($s[2])) { $o .= pack('N a1 N Q> N/a*', $n, 'l', $s[2], 0, readlink($p)) }
        elsif (S_ISREG($s[2])) {
          if (!$hash) { $o .= pack('N a1 N Q> N/a*', $n, 'f', @s[2, 7], ''); }
          elsif (sysopen(my $f, $p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)) { @s = stat $f; push @open, [$n, $f, \@s]; $sums->() if @open >= 200 }
          elsif (!$!{ENOENT}) { $o .= pack('N a1 N Q> N/a*', $n, 'e', $! + 0, 0, "$!") }
        }
        if (length $o > 65536) { writeall($w, $o); $o = '' }
      }
      $sums->(); writeall($w, $o);
    });
  },
);
sub rootalive {
  my $h = shift;
  if ($h->{wait} >= 0) { my $v = ''; vec($v, $h->{wait}, 1) = 1; select($v, undef, undef, 0) and fail(3, 'The container has ended.'); return }
  my ($s, $f) = (''); my $ok = open($f, '<', fd($h->{proc}) . '/stat') && defined($s = <$f>);
  $ok && $s !~ /\) [ZX] / or fail(3, 'The container has ended.');
}
sub child {
  my ($id, $work) = @_;
  pipe(my $r, my $w) or sysfail();
  flushout();
  my $pid = fork; defined $pid or sysfail();
  if (!$pid) { close STDIN; close $r; eval { $work->($w) }; POSIX::_exit($@ ? 1 : 0) }
  close $w; $kid{fileno $r} = { fh => $r, pid => $pid, id => $id };
  undef;
}
sub handle {
  my ($id, $op, $body) = @_;
  my $r = eval { [$do{$op}->($id, $body)] };
  if ($r) { say1($id, 'K', $r->[0]) if defined $r->[0] }
  else { my $e = ref $@ ? $@ : [5, "$@"]; say1($id, 'E', pack('N N/a*', $e->[0], $e->[1])) }
}
# Room for what comes while a piece is written: F_SETPIPE_SZ, where the system grants it.
fcntl(STDIN, 1031, 1048576);
say1(0, 'V', '1');
while (1) {
  my $at = 0;
  while (length($in) - $at >= 4) {
    my $len = unpack('N', substr($in, $at, 4));
    last if length($in) - $at - 4 < $len;
    my ($id, $op) = unpack('Na1', substr($in, $at + 4, 5));
    handle($id, $op, substr($in, $at + 9, $len - 5));
    $at += 4 + $len;
  }
  substr($in, 0, $at, '') if $at;
  my $rin = ''; vec($rin, 0, 1) = 1;
  vec($rin, $_, 1) = 1 for keys %kid;
  for (values %box) { vec($rin, $_->{wait}, 1) = 1 if $_->{wait} >= 0 && !$_->{ended} }
  my $n = select(my $got = $rin, undef, undef, 0);
  # Answers wait for one another while more is at hand, for each write of ours goes through three processes; but no longer than
  # it takes to hear a piece or two of a large file, or an edit elsewhere would not be acknowledged before its end.
  flushout() if !$n || $n < 0 || length $out > 8192 || $heard > 524288;
  if (!$n) {
    # Nothing to do now: hold no mount of a container while waiting.
    for (values %box) { $_->{dirs} = {}; delete $_->{root} }
    my $blind = grep { $_->{wait} < 0 } values %box;
    $n = select($got = $rin, undef, undef, $blind ? 1 : 100);
    if (!$n) {
      for my $h (values %box) { if ($h->{wait} < 0 && !-e fd($h->{proc}) . '/stat' && !$h->{ended}++) { say1($h->{id}, 'X', '') } }
      # The engine speaks up every half minute: one that is gone without a word must not leave us behind.
      quit() if ($idle += $blind ? 1 : 100) >= 100;
      next;
    }
  }
  next if $n < 0;
  if (vec($got, 0, 1)) {
    my $r = sysread(STDIN, $in, 1048576, length $in);
    quit() if defined $r && !$r or !defined $r && !$!{EINTR};
    $idle = 0; $heard += $r || 0;
  }
  for my $f (keys %kid) {
    next unless vec($got, $f, 1);
    my $k = $kid{$f};
    my $r = sysread($k->{fh}, my $c, 262144);
    if ($r) { say1($k->{id}, 'D', $c) }
    elsif (defined $r || !$!{EINTR}) { delete $kid{$f}; waitpid $k->{pid}, 0; if ($?) { say1($k->{id}, 'E', pack('N N/a*', 5, 'Reading in the node failed.')) } else { say1($k->{id}, 'K', '') } }
  }
  for my $h (values %box) { if ($h->{wait} >= 0 && !$h->{ended} && vec($got, $h->{wait}, 1)) { $h->{ended} = 1; say1($h->{id}, 'X', '') } }
}
`;
