package Whostmgr::ACLS;

# Stands in for cPanel's module: root has every privilege, anybody else has none.
use strict;
use warnings;

our %ACL;

sub init_acls {
    %ACL = ( all => ( $ENV{REMOTE_USER} // q{} ) eq 'root' ? 1 : 0 );
    return;
}

sub hasroot { return $ACL{all} }

1;
