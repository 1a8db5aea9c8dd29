import { helperFiles } from './helper-files.ts';
import { helperRequests } from './helper-requests.ts';

/** The last part: children that read, and the loop. Perl. */
const loop = String.raw`
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
# What goes with an operation is handed on as it is, or each piece of a large file would be copied once more.
sub handle {
  my ($id, $op) = splice @_, 0, 2;
  my $r = eval { [$do{$op}->($id, @_)] };
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
    if ($op eq 'W') { handle($id, $op, $in, $at + 9, $len - 5) }
    else { my $body = substr($in, $at + 9, $len - 5); handle($id, $op, $body) }
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
    $n = select($got = $rin, undef, undef, $blind ? 1 : 5);
    if (!$n) {
      for my $h (values %box) { if ($h->{wait} < 0 && !-e fd($h->{proc}) . '/stat' && !$h->{ended}++) { say1($h->{id}, 'X', '') } }
      # The engine speaks up every five seconds: one that is gone without a word must not leave us behind. After Docker was restarted
      # with its containers kept, nobody closes what we read from.
      quit() if ($idle += $blind ? 1 : 5) >= 15;
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
    if ($r) { $idle = 0; say1($k->{id}, 'D', $c) }
    elsif (defined $r || !$!{EINTR}) { delete $kid{$f}; waitpid $k->{pid}, 0; if ($?) { say1($k->{id}, 'E', pack('N N/a*', 5, 'Reading in the node failed.')) } else { say1($k->{id}, 'K', '') } }
  }
  for my $h (values %box) { if ($h->{wait} >= 0 && !$h->{ended} && vec($got, $h->{wait}, 1)) { $h->{ended} = 1; say1($h->{id}, 'X', '') } }
}
`;

/**
 * What runs in the node, one process for all containers there: a reader of frames in Perl, which every Kind node has (Debian's
 * `perl-base` is essential). A shell would start `mv` and `chmod` for each edit and could not open a path without following links.
 *
 * A path is walked one component at a time from the container's root, each opened by its parent's descriptor with `O_NOFOLLOW`;
 * links are read and resolved here, so that an absolute one means the container's root and never the node's. `/proc/PID` is held
 * open: it goes stale with its process and never becomes that of a later one with the same number.
 */
export const helperSource = helperFiles + helperRequests + loop;
