// The vhosts of the bed's server and their document roots: what a cPanel account has, small.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One vhost as cPanel makes them; it is served on the plain and on the "TLS" port. */
export interface BedVhost {
  readonly servername: string;
  readonly aliases: readonly string[];
  /** The cPanel user who owns it. */
  readonly account: string;
  /** The account's main domain, which may be another vhost than this one. */
  readonly mainDomain: string;
  /** An addon domain is a ServerAlias of a subdomain's vhost. */
  readonly addonDomain?: string;
  /** Parked domains are ServerAliases of the main domain's vhost. */
  readonly parkedDomains?: readonly string[];
  /**
   * `wordpress` and `shop` have PHP pages (a backend answers them); `static` is files only; `small` is one page that
   * answers every path, for servers with hundreds of vhosts.
   */
  readonly site: 'wordpress' | 'shop' | 'static' | 'small';
  /** Whether /403.shtml exists; without it Apache logs a denied request as 404. */
  readonly errorPage: boolean;
}

/** The server's own name and address; requests for the bare address land in its default vhost. */
export const SERVER_NAME = 'server.example.com';
export const SERVER_ADDRESS = '192.0.2.10';

export const BLOG: BedVhost = {
  servername: 'blog.example.org',
  aliases: ['www.blog.example.org'],
  account: 'bloguser',
  mainDomain: 'blog.example.org',
  site: 'wordpress',
  errorPage: false,
};

export const SHOP: BedVhost = {
  servername: 'shop.example.com',
  aliases: ['www.shop.example.com'],
  account: 'shopuser',
  mainDomain: 'shop.example.com',
  site: 'shop',
  errorPage: true,
};

/** An addon domain: its vhost is named after the subdomain. */
export const CRAFT: BedVhost = {
  servername: 'craft.shop.example.com',
  aliases: ['craft.example.net', 'www.craft.example.net'],
  account: 'shopuser',
  mainDomain: 'shop.example.com',
  addonDomain: 'craft.example.net',
  site: 'static',
  errorPage: false,
};

export const STATIC: BedVhost = {
  servername: 'static.example.net',
  aliases: ['www.static.example.net'],
  account: 'statuser',
  mainDomain: 'static.example.net',
  site: 'static',
  errorPage: false,
};

export const ALL_VHOSTS: readonly BedVhost[] = [BLOG, SHOP, CRAFT, STATIC];

/** An account with all kinds of domains: main with a parked one, a subdomain, an addon domain. */
export const GARDEN_VHOSTS: readonly BedVhost[] = [
  {
    servername: 'garden.example.net',
    aliases: ['www.garden.example.net', 'flowers.example.com', 'www.flowers.example.com'],
    account: 'garden',
    mainDomain: 'garden.example.net',
    parkedDomains: ['flowers.example.com'],
    site: 'small',
    errorPage: true,
  },
  {
    servername: 'beds.garden.example.net',
    aliases: ['www.beds.garden.example.net'],
    account: 'garden',
    mainDomain: 'garden.example.net',
    site: 'small',
    errorPage: true,
  },
  {
    servername: 'seeds.garden.example.net',
    aliases: ['seeds.example.org', 'www.seeds.example.org', 'www.seeds.garden.example.net'],
    account: 'garden',
    mainDomain: 'garden.example.net',
    addonDomain: 'seeds.example.org',
    site: 'small',
    errorPage: true,
  },
];

/** So many accounts with one small vhost each: `s0.example.com` of `small0`, and so on. */
export function smallVhosts(count: number): BedVhost[] {
  return Array.from({ length: count }, (_, i) => ({
    servername: `s${i}.example.com`,
    aliases: [`www.s${i}.example.com`],
    account: `small${i}`,
    mainDomain: `s${i}.example.com`,
    site: 'small',
    errorPage: true,
  }));
}

/** Document root of a vhost as the server sees it. */
export function documentRoot(vhost: BedVhost): string {
  const isMain = vhost.servername === vhost.mainDomain;
  return `/home/${vhost.account}/${isMain ? 'public_html' : (vhost.addonDomain ?? vhost.servername)}`;
}

const FRONT_CONTROLLER = `<IfModule mod_rewrite.c>
RewriteEngine On
RewriteRule ^index\\.php$ - [L]
RewriteCond %{REQUEST_FILENAME} !-f
RewriteCond %{REQUEST_FILENAME} !-d
RewriteRule . /index.php [L]
</IfModule>
`;

/** A one-pixel GIF, so that pictures are real files. */
const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
const STYLE = 'body { font-family: sans-serif; margin: 2em }\n';
const SCRIPT = 'document.documentElement.className += " js";\n';

function htmlPage(title: string): string {
  return `<!doctype html>\n<html lang="en"><head><title>${title}</title><link rel="stylesheet" href="/style.css"></head><body><h1>${title}</h1></body></html>\n`;
}

const WORDPRESS_FILES: Readonly<Record<string, string | Buffer>> = {
  '.htaccess': FRONT_CONTROLLER,
  'index.php': '',
  'wp-login.php': '',
  'xmlrpc.php': '',
  'wp-admin/index.php': '',
  'wp-admin/post.php': '',
  'wp-admin/post-new.php': '',
  'wp-admin/edit.php': '',
  'wp-admin/admin-ajax.php': '',
  'wp-admin/css/admin.css': STYLE,
  'wp-admin/js/editor.js': SCRIPT,
  'wp-content/themes/plain/style.css': STYLE,
  'wp-content/themes/plain/app.js': SCRIPT,
  'wp-content/uploads/header.gif': PIXEL,
  'wp-content/uploads/market.gif': PIXEL,
  'wp-includes/js/jquery.js': SCRIPT,
  'robots.txt': 'User-agent: *\nDisallow: /wp-admin/\n',
};

const SHOP_FILES: Readonly<Record<string, string | Buffer>> = {
  'index.php': '',
  'product.php': '',
  'search.php': '',
  'cart.php': '',
  'contact.php': '',
  'style.css': STYLE,
  'app.js': SCRIPT,
  'img/logo.gif': PIXEL,
  'img/p1.gif': PIXEL,
  'img/p2.gif': PIXEL,
  'robots.txt': 'User-agent: *\nAllow: /\n',
};

const STATIC_FILES: Readonly<Record<string, string | Buffer>> = {
  'index.html': htmlPage('Welcome'),
  'about.html': htmlPage('About'),
  'prices.html': htmlPage('Prices'),
  'contact.html': htmlPage('Contact'),
  'style.css': STYLE,
  'img/logo.gif': PIXEL,
};

const FILES = {
  wordpress: WORDPRESS_FILES,
  shop: SHOP_FILES,
  static: STATIC_FILES,
  small: { 'index.html': htmlPage('Welcome') } as Readonly<Record<string, string | Buffer>>,
};

/** Writes one file below the server root, making its folders. */
export function put(root: string, path: string, content: string | Buffer): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
}

/** The pages are older than anything that happens on the server. */
const PAGES_FROM = new Date('2026-03-02T08:00:00Z');

function putPage(root: string, path: string, content: string | Buffer): void {
  put(root, path, content);
  utimesSync(join(root, path), PAGES_FROM, PAGES_FROM);
}

/** Writes the document roots of the vhosts and of the default vhost below `root`. */
export function writeSites(root: string, vhosts: readonly BedVhost[]): void {
  for (const vhost of vhosts) {
    const home = documentRoot(vhost);
    for (const [path, content] of Object.entries(FILES[vhost.site]))
      putPage(root, `${home}/${path}`, content);
    if (vhost.errorPage) putPage(root, `${home}/403.shtml`, htmlPage('403 Forbidden'));
  }
  putPage(root, '/var/www/html/index.html', htmlPage('Default page'));
  putPage(root, '/var/www/html/403.shtml', htmlPage('403 Forbidden'));
}
