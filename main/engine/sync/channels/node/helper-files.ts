/** The first part of the helper: what it knows, and how a file comes to its place. Perl. */
export const helperFiles = String.raw`
use strict; use Fcntl qw(:DEFAULT :mode); use POSIX ();
my $PATH = 010000000;
my ($in, $out, $idle, $heard) = ('', '', 0, 0);
my (%box, %up, %kid);
umask 0; $SIG{PIPE} = 'IGNORE'; $SIG{ALRM} = sub { quit() }; $ENV{LC_ALL} = 'C';

sub flushout {
  my $o = 0;
  while ($o < length $out) {
    # Nobody may read any more, and nobody tell us so: see the loop.
    alarm 60;
    my $n = syswrite(STDOUT, $out, length($out) - $o, $o);
    next if !defined $n && $!{EINTR};
    quit() unless $n;
    $o += $n;
  }
  alarm 0 if $o;
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
# What the kernel says of a file, as bytes: inode, size, time of change, device. statx, where its number is known.
my $statx = { x86_64 => 332, aarch64 => 291 }->{(POSIX::uname())[4]};
sub stamp {
  return '' unless defined $statx;
  my ($s, $none) = ("\0" x 256, '');
  return '' if syscall($statx, fileno($_[0]), $none, 0x1000, 0x7ff, $s) != 0;
  return substr($s, 32, 16) . substr($s, 96, 12) . substr($s, 136, 8);
}
sub writeall {
  my $fh = $_[0]; my $o = $_[2] || 0; my $len = defined $_[3] ? $o + $_[3] : length $_[1];
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

`;
