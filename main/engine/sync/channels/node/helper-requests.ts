/** The second part of the helper: what each letter of a frame asks for. Perl. */
export const helperRequests = String.raw`
# What is at a path as a record, empty for nothing; of a regular file how to open it.
sub look {
  my ($h, $n, $follow, $path) = @_;
  my ($d, $name) = eval { place($h, $path, $follow, 0, 1) };
  if (!$d) { my $e = $@; return ref $e && ($e->[0] == 2 || $e->[0] == 20) ? '' : pack('N a1 N Q> N/a*', $n, 'e', $e->[0], 0, $e->[1]) }
  my $p = fd($d) . "/$name";
  my @s = lstat $p or return '';
  return pack('N a1 N Q> N/a*', $n, 'd', $s[2], 0, '') if S_ISDIR($s[2]);
  return pack('N a1 N Q> N/a*', $n, 'l', $s[2], 0, readlink($p)) if S_ISLNK($s[2]);
  return '' unless S_ISREG($s[2]);
  return (undef, $p, $d, \@s);
}
# A few small files as they are: to start what hashes them takes longer than all the rest of an edit. Nothing where it would be much.
sub few {
  my ($h, @want) = @_;
  my ($most, $n, $o) = (32768, 0, '');
  while (@want) {
    my ($record, $p, $d, $s) = look($h, $n, splice @want, 0, 2);
    if (!defined $record) {
      return undef if $s->[7] > $most || length $o > 65536;
      if (sysopen(my $f, $p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)) {
        my @s = stat $f; my ($c, $r) = ('', 1);
        return undef unless S_ISREG($s[2]);
        $r = sysread($f, $c, $most + 1 - length $c, length $c) while $r && length $c <= $most;
        return undef if !defined $r || length $c > $most;
        $record = pack('N a1 N Q> N/a*', $n, 'c', $s[2], length $c, $c);
      }
      else { $record = $!{ENOENT} ? '' : pack('N a1 N Q> N/a*', $n, 'e', $! + 0, 0, "$!") }
    }
    $o .= $record; $n++;
  }
  return $o;
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
    eval { writeall($u->{fh}, @_[1 .. 3]); 1 } or do { my $e = $@; undo($u); delete $up{$_[0]}; die $e };
    undef;
  },
  F => sub {
    my $u = delete $up{$_[0]} or return undef;
    if ($_[1] ne '1') { undo($u); return '' }
    eval { finish($u); 1 } or do { my $e = $@; undo($u); die $e };
    rootalive($u->{h}); defined $u->{tmp} ? stamp($u->{fh}) : '';
  },
  T => sub {
    my ($b, $path, $follow) = unpack('N N/a* N', $_[1]);
    my ($d, $name) = place(box($b), $path, $follow, 0, 1);
    sysopen(my $f, fd($d) . "/$name", $PATH | O_NOFOLLOW) or sysfail();
    stamp($f);
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
    if ($hash && @want <= 32 && defined(my $o = few($h, @want))) { say1($id, 'D', $o); return '' }
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
        my ($record, $p, $d, $s) = look($h, $n, $follow, $path);
        if (defined $record) { $o .= $record }
        elsif (!$hash) { $o .= pack('N a1 N Q> N/a*', $n, 'f', @$s[2, 7], '') }
        elsif (sysopen(my $f, $p, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)) { push @open, [$n, $f, [stat $f]]; $sums->() if @open >= 200 }
        elsif (!$!{ENOENT}) { $o .= pack('N a1 N Q> N/a*', $n, 'e', $! + 0, 0, "$!") }
        if (length $o > 65536) { writeall($w, $o); $o = '' }
      }
      $sums->(); writeall($w, $o);
    });
  },
);
`;
