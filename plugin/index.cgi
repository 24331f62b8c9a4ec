#!/usr/local/cpanel/3rdparty/bin/perl
#WHMADDON:whyblocked:Whyblocked
#ACLS:all
# The bridge between WHM and the Whyblocked service: asks WHM whether the caller is root, hands the request over a
# Unix socket that only root can open, and relays the answer. It decides nothing else and keeps nothing.
# Everything in its environment, in the body and in the service's answer counts as hostile. Core modules only.
use strict;
use warnings;
use Errno       ();
use Fcntl       qw(F_GETFL F_SETFL O_NONBLOCK);
use Socket      qw(PF_UNIX SOCK_STREAM pack_sockaddr_un);
use Time::HiRes qw(CLOCK_MONOTONIC alarm clock_gettime sleep);

use constant CPANEL_LIB => '/usr/local/cpanel';
use constant SOCKET     => '/run/whyblocked/whyblocked.sock';
# Seconds: to connect; for the caller's body, and for one that is refused; until the answer's head (and a page for WHM's
# frame) is there; between two blocks; for WHM's template; for a whole download.
use constant { CONNECT_S => 5, BODY_S => 60, DRAIN_S => 5, ANSWER_S => 75, IDLE_S => 75, RENDER_S => 20, STREAM_S => 900 };
# Bytes: of a body, a query, a head, a page for WHM's frame, one read or write.
use constant { BODY_MAX => 1_048_576, QUERY_MAX => 8_192, HEAD_MAX => 65_536, PAGE_MAX => 8_388_608, BLOCK => 65_536 };
use lib CPANEL_LIB;

# Headers of the service that go on. All others stay here: Set-Cookie, X-WB-*, Server, Date, hop by hop, X-Sendfile.
my %RELAYED = map { lc() => $_ } qw(Allow Cache-Control Content-Disposition Content-Language Content-Security-Policy
  Cross-Origin-Opener-Policy Cross-Origin-Resource-Policy ETag Expires Last-Modified Origin-Agent-Cluster
  Permissions-Policy Pragma Referrer-Policy Retry-After Vary X-Content-Type-Options X-DNS-Prefetch-Control
  X-Download-Options X-Frame-Options X-Permitted-Cross-Domain-Policies X-Whyblocked-Note X-XSS-Protection);
my %USED = map { $_ => 1 } qw(content-encoding content-length content-type location transfer-encoding
  x-wb-fragment x-wb-title);
# What the service may know of the caller's request, with the longest value of each.
my %PASSED = ( 'Accept' => 512, 'Accept-Language' => 256, 'Content-Type' => 256, 'Origin' => 512, 'Referer' => 2048,
    'Sec-Fetch-Site' => 32, 'User-Agent' => 512 );

# What is said when the service fails; a line that begins with "$ " is a command.
my %FAILURES = (
    garbage => [ '502 Bad Gateway', 'The answer cannot be shown', 'The service gave an answer that cannot be passed on, so'
        . ' nothing of it is shown. These tell more:', '$ journalctl -u whyblocked -n 50', '$ whyblocked doctor' ],
    down => [ '503 Service Unavailable', 'Whyblocked is not running', 'WHM works, but the service behind this page does not'
        . ' answer. These tell how it is and why it ended:', '$ systemctl status whyblocked',
        '$ journalctl -u whyblocked -n 50', '$ whyblocked doctor', 'This starts it again:', '$ systemctl restart whyblocked' ],
    late => [ '504 Gateway Timeout', 'No answer in time', 'The service runs but has not answered. What was asked for may'
        . ' still be done: look at Activity before you ask again. If this stays so:', '$ whyblocked doctor' ],
);
my $FRAME     = q{frame-ancestors 'self'};
my $TEMPLATES = CPANEL_LIB . '/whostmgr/docroot/templates';
my $head_only = ( $ENV{REQUEST_METHOD} // q{} ) eq 'HEAD';
my $answered  = 0;
my $unread    = grep { ( $_ // q{} ) ne q{} } @ENV{qw(CONTENT_LENGTH HTTP_TRANSFER_ENCODING)};
local $SIG{PIPE} = 'IGNORE';

# Only put() writes to the caller: what cPanel's modules may print goes nowhere.
open my $caller, '>&', \*STDOUT or die "whyblocked: no output: $!\n";
open STDOUT, '>', '/dev/null' or die "whyblocked: no /dev/null: $!\n";

# Whoever is not root gets no further than this: nothing of the request is read before.
is_root()
  or refuse( '403 Forbidden', q{Whyblocked is open to WHM users with root's privileges only.} );
my $request = request();
my $until   = now() + ANSWER_S;
my $service = ask($request);
relay();

# A module that ends the program, or an error nobody thought of, still gives a page.
END {
    $answered or refuse( '500 Internal Server Error', q{The bridge ended early; cPanel's error log says why.},
        '$ tail /usr/local/cpanel/logs/error_log' );
}

# Whether WHM itself says that the caller has root's privileges. A module that is missing or dies means no.
sub is_root {
    my $said = eval {
        require Whostmgr::ACLS;
        Whostmgr::ACLS::init_acls();
        Whostmgr::ACLS::hasroot() ? 'root' : 'no';
    };
    return ( $said // 'no' ) eq 'root';
}

sub now { return clock_gettime(CLOCK_MONOTONIC) }

# The request for the service, whole: a head of chosen and checked values, and the body.
sub request {
    my ( $method, $user, $token, $query, $host, $addr ) = map { $_ // q{} }
      @ENV{qw(REQUEST_METHOD REMOTE_USER cp_security_token QUERY_STRING HTTP_HOST REMOTE_ADDR)};
    $method =~ /\A(?:GET|HEAD|POST)\z/a
      or refuse( '405 Method Not Allowed', 'Only GET, HEAD and POST are answered.' );
    $user =~ /\A[A-Za-z0-9_][A-Za-z0-9._@+-]{0,127}\z/a && $token =~ /\A(?:\/?cpsess[A-Za-z0-9_-]{1,64})?\z/a
      or refuse( '403 Forbidden', 'WHM gave a user name or a session token of an unknown form.' );
    $query !~ /[\x00-\x1f\x7f]/a or refuse( '400 Bad Request', 'The address holds control characters.' );
    $query =~ s/([^!-~]|[#"<>\\])/sprintf '%%%02X', ord $1/gea;
    length $query <= QUERY_MAX
      or refuse( '414 URI Too Long', 'The address is too long.', 'Long texts belong into the box on the home page.' );
    my $body = $method eq 'POST' ? body() : q{};

    my @head = ( "$method /index.cgi" . ( $query eq q{} ? q{} : "?$query" ) . ' HTTP/1.0', 'Connection: close' );
    push @head, 'Host: ' . ( $host =~ /\A[A-Za-z0-9._:\[\]-]{1,255}\z/a ? $host : 'whyblocked' );
    push @head, "X-WB-User: $user", 'X-WB-Root: 1';
    push @head, "X-WB-Addr: $addr" if $addr =~ /\A[0-9A-Fa-f.:]{2,45}\z/a;
    push @head, "X-WB-Token: $token" if $token ne q{};
    push @head, 'X-WB-Chrome: whm'   if has_chrome();
    push @head, surroundings()       if $query =~ /\Ap=\/doctor(?:[\/&]|\z)/a;
    push @head, 'Content-Length: ' . length $body if $method eq 'POST';
    for my $name ( sort keys %PASSED ) {
        my $variable = uc( $name =~ tr/-/_/r );
        my $value    = $ENV{ $variable eq 'CONTENT_TYPE' ? $variable : "HTTP_$variable" } // q{};
        $value =~ s/[\x00-\x20\x7f]+/ /ga;
        push @head, "$name: " . substr $value, 0, $PASSED{$name} if $value =~ /[^ ]/a;
    }
    return join( "\r\n", @head, q{}, q{} ) . $body;
}

# For the self-test: the names in the environment, never a value, and what no documentation of WHM tells.
sub surroundings {
    my @names = grep { /\A[A-Za-z_][A-Za-z0-9_]{0,63}\z/a } sort keys %ENV;
    my $names = join ',', @names[ 0 .. ( $#names < 79 ? $#names : 79 ) ];
    my @facts;
    for my $pair ( [ script => 'SCRIPT_NAME' ], [ uri => 'REQUEST_URI' ] ) {
        my $value = $ENV{ $pair->[1] } // next;
        push @facts, "$pair->[0]=" . ( $value =~ /\A\/cpsess/a ? 'cpsess' : 'plain' );
    }
    push @facts, 'path-info=works' if ( $ENV{PATH_INFO} // q{} ) eq '/path-info';
    return ( "X-WB-Env: $names", @facts ? 'X-WB-Facts: ' . join ',', @facts : () );
}

# The body, exactly as long as told: nothing of it is passed on unless all of it came.
sub body {
    my $told = $ENV{CONTENT_LENGTH} // q{};
    !defined $ENV{HTTP_TRANSFER_ENCODING} && $told ne q{} or refuse( '411 Length Required', 'What was sent came without its length.' );
    $told =~ /\A[0-9]{1,20}\z/a or refuse( '400 Bad Request', 'The length of what was sent is not a number.' );
    $told <= BODY_MAX
      or refuse( '413 Content Too Large', 'At most 1 MiB is taken.', 'Send only the lines that matter.' );
    $unread = 0;
    my ( $bytes, $end ) = ( q{}, now() + BODY_S );
    while ( length $bytes < $told ) {
        my $got = read_block( \*STDIN, \$bytes, $told - length $bytes, $end );
        defined $got or refuse( '408 Request Timeout', 'What was sent did not arrive in time.' );
        $got > 0 or refuse( '400 Bad Request', 'Less arrived than was announced.' );
    }
    return $bytes;
}

# Whether WHM's header and menu can be put around a page. Not when a script asks: it takes parts of a page.
sub has_chrome {
    return ( $ENV{HTTP_SEC_FETCH_DEST} // q{} ) ne 'empty' && -f "$TEMPLATES/whyblocked.tmpl"
      && -f "$TEMPLATES/master_templates/master.tmpl" && -f CPANEL_LIB . '/Cpanel/Template.pm';
}

# Hands the request over and gives the connection. A full queue is tried again; anything else means that the service is
# not running. One that has answered and closed before it read everything is heard all the same.
sub ask {
    my ($bytes) = @_;
    my $end = now() + CONNECT_S;
    socket my $socket, PF_UNIX, SOCK_STREAM, 0 or fail( 'down', "socket: $!" );
    fcntl $socket, F_SETFL, O_NONBLOCK | fcntl $socket, F_GETFL, 0 or fail( 'down', "socket: $!" );
    while ( !connect $socket, pack_sockaddr_un(SOCKET) ) {
        $!{EAGAIN} && now() < $end or fail( 'down', "connect: $!" );
        sleep 0.02;
    }
    for ( my $at = 0 ; $at < length $bytes ; ) {
        is_ready( $socket, 'write', $until ) or fail( 'late', 'the request is not read' );
        my $put = syswrite $socket, $bytes, BLOCK, $at;
        defined $put || $!{EAGAIN} || $!{EINTR} or last;
        $at += $put // 0;
    }
    return $socket;
}

# Waits until a handle can be read or written: not past the moment given, and never longer than the idle limit.
sub is_ready {
    my ( $handle, $way, $end ) = @_;
    my $idle = now() + IDLE_S;
    while ( ( my $left = ( $idle < $end ? $idle : $end ) - now() ) > 0 ) {
        vec( my $bits = q{}, fileno $handle, 1 ) = 1;
        my $found = $way eq 'read' ? select $bits, undef, undef, $left : select undef, $bits, undef, $left;
        return 1 if $found > 0;
        return 0 if $found < 0 && !$!{EINTR};
    }
    return 0;
}

# Appends at most one block. Gives the number of bytes, 0 at the end or after an error, undef when time is up.
sub read_block {
    my ( $handle, $into, $max, $end ) = @_;
    while ( is_ready( $handle, 'read', $end ) ) {
        my $got = sysread $handle, ${$into}, $max < BLOCK ? $max : BLOCK, length ${$into};
        return $got if defined $got;
        return 0 if !$!{EAGAIN} && !$!{EINTR};
    }
    return;
}

# Reads the service's answer and writes it as a CGI answer.
sub relay {
    my ( $bytes, $end ) = ( q{}, -1 );
    while ( ( $end = index $bytes, "\r\n\r\n" ) < 0 ) {
        length $bytes <= HEAD_MAX or fail( 'garbage', 'the head is too long' );
        my $got = read_block( $service, \$bytes, BLOCK, $until ) // fail( 'late', 'no answer from the service' );
        $got > 0 or fail( 'garbage', 'it ends before its head does' );
    }
    $end <= HEAD_MAX or fail( 'garbage', 'the head is too long' );
    my ( $status, %told ) = parse_head( substr $bytes, 0, $end );
    substr $bytes, 0, $end + 4, q{};
    my @head = map { defined $told{$_} ? "$RELAYED{$_}: $told{$_}" : () } sort keys %RELAYED;
    push @head, 'X-Content-Type-Options: nosniff' if !defined $told{'x-content-type-options'};
    push @head, "Location: $told{location}" if defined $told{location};
    return answer_page( $status, \@head, \%told, $bytes ) if ( $told{'x-wb-fragment'} // q{} ) eq '1';

    my $bare = $status =~ /\A(?:204|304)/a;
    push @head, 'Content-Type: ' . ( $told{'content-type'} // 'application/octet-stream' );
    push @head, "Content-Length: $told{'content-length'}" if defined $told{'content-length'} && !$bare;
    put( join "\r\n", "Status: $status", @head, q{}, q{} );
    return $bare || $head_only ? () : stream( $bytes, $told{'content-length'} );
}

# Status and headers by lower-case name. One bad byte spoils the head: the caller gets a 502.
sub parse_head {
    my ( $first, @lines ) = split /\r\n/a, $_[0], -1;
    my ( $code, $reason ) = ( $first // q{} ) =~ /\AHTTP\/1\.[01] ([2-5][0-9]{2})(?: ([A-Za-z' -]{0,60}))?\z/a
      or fail( 'garbage', 'no status line' );
    my %told;
    for my $line (@lines) {
        my ( $name, $value ) = $line =~ /\A([A-Za-z0-9-]{1,64}):[ \t]*([\t -~\x80-\xff]*)\z/a
          or fail( 'garbage', 'a line that is no header' );
        next if !$RELAYED{ $name = lc $name } && !$USED{$name};
        !defined $told{$name} or fail( 'garbage', "two of $name" );
        $told{$name} = $value;
    }
    !defined $told{'transfer-encoding'} && !defined $told{'content-encoding'} or fail( 'garbage', 'an encoded body' );
    ( $told{'content-length'} // 0 ) =~ /\A[0-9]{1,15}\z/a or fail( 'garbage', 'a length that is no number' );
    delete $told{'content-type'}
      if ( $told{'content-type'} // q{} ) !~ m{\A[a-z]+/[a-z0-9.+-]+(?:; ?[a-z]+=[a-z0-9-]+)*\z}ai;
    # A redirect stays on this page: any other would lose the token in WHM's address, or leave the server.
    if ( $code !~ /\A3/a || $code eq '304' ) { delete $told{location} }
    else {
        ( $told{location} // q{} ) =~ m{\Aindex\.cgi(?:\?[A-Za-z0-9._~!\$&'()*+,;=:@/?%-]*)?(?:#[A-Za-z0-9._~-]*)?\z}a
          or fail( 'garbage', 'a redirect to elsewhere' );
    }
    return ( "$code " . ( $reason || 'Answer' ), %told );
}

# A page for WHM's frame: read whole, since a half page is worse than none, then put into the frame.
sub answer_page {
    my ( $status, $head, $told, $bytes ) = @_;
    my $length = $told->{'content-length'} // fail( 'garbage', 'a page of unknown length' );
    $length <= PAGE_MAX or fail( 'garbage', 'the page is too large' );
    while ( !$head_only && length $bytes < $length ) {
        my $got = read_block( $service, \$bytes, $length - length $bytes, $until ) // fail( 'late', 'no answer from the service' );
        $got > 0 or fail( 'garbage', 'the page is cut off' );
    }
    my $title = substr $told->{'x-wb-title'} // q{}, 0, 1024;
    $title =~ s/%([0-9A-Fa-f]{2})/chr hex $1/gea;
    $title =~ s/[\x00-\x20\x7f<>&"']+/ /ga;
    $title = ascii($title) || 'Whyblocked';
    my $page = ascii( substr $bytes, 0, $length );
    my $html = in_chrome( $page, $title );
    # WHM's own scripts stand inside its pages: the strict policy gives way there, and only there.
    my $policy = "Content-Security-Policy: $FRAME; base-uri 'none'; object-src 'none'; form-action 'self'";
    my @head = defined $html ? ( $policy, grep { !/\AContent-Security-Policy:/a } @{$head} ) : @{$head};
    return answer( $status, \@head, $html // plain( $title, $page ) );
}

# The page with WHM's header and menu around it; undef when WHM cannot make that, for whatever reason.
sub in_chrome {
    my ( $page, $title ) = @_;
    return if $head_only || !has_chrome();
    my $html = eval {
        local $SIG{ALRM} = sub { die "it takes too long\n" };
        alarm RENDER_S;
        require Cpanel::Template;
        my ( $ok, $out ) = Cpanel::Template::process_template( 'whostmgr',
            { template_file => 'whyblocked.tmpl', print => 0, whyblocked_title => $title, whyblocked_page => $page } );
        alarm 0;
        $out = $ok if ref $ok;
        $ok or die "it was refused\n";
        ref $out ? ${$out} : $out;
    };
    my $why = $@ || 'the page is not in it';
    alarm 0;
    if ( index( $html // q{}, $page ) < 0 ) { note("WHM's template: $why"); return }
    utf8::encode($html) if !utf8::downgrade( $html, 1 );
    return $html;
}

# UTF-8 as ASCII with character references, so that no charset can spoil it; what is no UTF-8 becomes U+FFFD.
sub ascii {
    my ($text) = @_;
    if ( !utf8::decode($text) ) { require Encode; $text = Encode::decode( 'UTF-8', $text ) }
    $text =~ s/([^\x00-\x7f])/'&#' . ord($1) . ';'/ge;
    utf8::downgrade($text);
    return $text;
}

# Passes a body on block by block: no more than was told, and no longer than a download may take.
sub stream {
    my ( $bytes, $length ) = @_;
    my ( $left,  $end )    = ( $length // 9e15, now() + STREAM_S );
    while ( $left > 0 ) {
        put( length $bytes > $left ? substr $bytes, 0, $left : $bytes );
        $left -= length $bytes;
        $bytes = q{};
        my $got = $left > 0 ? read_block( $service, \$bytes, BLOCK, $end ) : 1;
        if ( !$got ) { defined $got && !defined $length or note('the answer was cut off'); return }
    }
    return;
}

# Writes to the caller; ends when he is gone or takes nothing any more.
sub put {
    my ($bytes) = @_;
    local $SIG{ALRM} = sub { exit 1 };
    $answered = 1;
    for ( my $at = 0 ; $at < length $bytes ; ) {
        alarm IDLE_S;
        my $put = syswrite $caller, $bytes, BLOCK, $at;
        alarm 0;
        defined $put || $!{EINTR} or exit 1;
        $at += $put // 0;
    }
    return;
}

# Writes a whole page.
sub answer {
    my ( $status, $head, $html ) = @_;
    my @more = ( 'Content-Type: text/html; charset=utf-8', $head_only ? () : 'Content-Length: ' . length $html );
    put( join( "\r\n", "Status: $status", @{$head}, @more, q{}, q{} ) . ( $head_only ? q{} : $html ) );
    return;
}

# A whole HTML document.
sub plain {
    my ( $title, $content ) = @_;
    return qq{<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">}
      . qq{<title>$title</title></head>\n<body class="whyblocked">\n$content\n</body></html>\n};
}

# Says what is wrong with the service: to the caller and, in one line without anything of the request, to cPanel's log.
sub fail {
    my ( $name, $why ) = @_;
    note("$name: $why");
    return refuse( @{ $FAILURES{$name} } );
}

sub note {
    my $text = substr( $_[0], 0, 300 ) =~ s/[^ -~]+/ /gra;
    print {*STDERR} "whyblocked: $text\n";
    return;
}

# Gives one of the bridge's own pages, made of its own words alone, and ends.
sub refuse {
    my ( $status, $title, @lines ) = @_;
    my $text = join "\n", map { /\A\$ (.*)/a ? "<pre><code>$1</code></pre>" : "<p>$_</p>" } @lines;
    my @head = (
        "Content-Security-Policy: default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; $FRAME",
        'Cache-Control: no-store', 'X-Content-Type-Options: nosniff', 'X-Frame-Options: SAMEORIGIN',
        'Referrer-Policy: same-origin', $status =~ /\A405/a ? 'Allow: GET, HEAD, POST' : (),
    );
    my $page = qq{<link rel="stylesheet" href="static/whyblocked.css"><div class="wb"><main class="wb-main wb-stack">\n}
      . qq{<h1 class="wb-h1">$title</h1>\n$text\n<p><a href="index.cgi">Try again</a></p></main></div>};
    answer( $status, \@head, plain( "$title - Whyblocked", $page ) );
    # A server that is still handing over the body could lose the answer if nobody took the rest.
    my ( $rest, $end ) = ( q{}, now() + DRAIN_S );
    while ( $unread && read_block( \*STDIN, \$rest, BLOCK, $end ) ) { $rest = q{} }
    exit 0;
}
