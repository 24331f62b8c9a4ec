package Cpanel::Template;

# Stands in for cPanel's module, for one template alone: a WRAPPER around values. Like cPanel's it gives
# (1, \$html), or (0, $why); unlike cPanel's it knows nothing of the Template Toolkit beyond that.
use strict;
use warnings;

my $FOLDER = __FILE__ =~ s{Cpanel/Template[.]pm\z}{whostmgr/docroot/templates}r;

sub text_of {
    my ($name) = @_;
    open my $file, '<', "$FOLDER/$name" or die "$name: $!\n";
    local $/ = undef;
    return scalar readline $file;
}

sub process_template {
    my ( $service, $values ) = @_;
    return ( 0, "no service $service" ) if $service ne 'whostmgr';
    my $text = text_of( $values->{template_file} ) =~ s/\[%#.*?%\]\s*//gsr;
    my ( $master, $settings, $content ) = $text =~ /\[%\s*WRAPPER\s+'([^']+)'(.*?)-?%\]\s*(.*?)\s*\[%\s*END\s*%\]/s
      or return ( 0, 'no WRAPPER' );
    my %named = %{$values};
    while ( $settings =~ /(\w+)\s*=\s*(?:'([^']*)'|(\w+))/g ) { $named{$1} //= $2 // $values->{$3} // $3 }
    my $token = $ENV{cp_security_token} // q{};
    my @crumbs;
    while ( $settings =~ /name\s*=\s*'([^']*)'\s*,\s*url\s*=\s*'([^']*)'/g ) { push @crumbs, qq{<a href="$token$2">$1</a>} }
    my %slots = ( %named, token => $token, breadcrumbs => join( ' &raquo; ', @crumbs ) );
    my $fill = sub { $_[0] =~ s/\[%-?\s*(\w+)\s*-?%\]/$slots{$1} \/\/ q{}/ger };
    $slots{content} = $fill->($content);
    my $html = $fill->( text_of($master) );
    print $html if $values->{print};
    return ( 1, \$html );
}

1;
