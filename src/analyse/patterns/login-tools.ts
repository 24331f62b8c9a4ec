// Logins of phpMyAdmin, Roundcube and Magento, with lines they are tested with.
import type { LineShape, LoginSpec } from './login-entry.ts';

const OK = [200];
const ROOT = /\/(?:index\.php)?$/i;
const PHPMYADMIN =
  /\/(?:phpmyadmin|pma|dbadmin|mysqladmin|3rdparty\/phpMyAdmin)(?:[\w.-]{0,40})?\/(?:index\.php)?$/i;
const PMA_ROUTE: LineShape = {
  method: 'GET',
  status: OK,
  path: PHPMYADMIN,
  // The login form loads its texts and themes by routes of its own.
  query: /&route=\/(?!(?:messages|logout|setup|license|changelog|themes?)\b)\w/i,
};
const MAGENTO_PAGE: LineShape = {
  method: 'GET',
  status: OK,
  path: /\/key\/[\da-f]{32,64}\/?(?:$|[\w/])/i,
};
const ROUNDCUBE_MAIL: LineShape = { method: 'GET', status: OK, path: ROOT, query: /&_task=mail&/i };

export const TOOL_LOGINS: readonly LoginSpec[] = [
  {
    app: 'phpMyAdmin',
    sureness: 'judged',
    login: { method: 'POST', status: null, path: PHPMYADMIN, query: /^$|^&route=\/&$/i },
    failedStatus: OK,
    loginStatus: [302],
    proof: PMA_ROUTE,
    proofs: 1,
    distinct: false,
    author: PMA_ROUTE,
    guessing: false,
    lines: {
      isLogin: {
        fits: ['POST /phpmyadmin/index.php 302', 'POST /phpMyAdmin/index.php?route=/ 200', 'POST /pma/ 302'],
        fitsNot: [
          'POST /phpmyadmin/index.php?route=/sql 200',
          'POST /index.php 302',
          'GET /phpmyadmin/index.php 200',
        ],
      },
      failed: {
        fits: ['POST /phpmyadmin/index.php 200'],
        fitsNot: ['POST /phpmyadmin/index.php 302', 'POST /phpmyadmin/index.php 403'],
      },
      loggedIn: {
        fits: ['POST /phpmyadmin/index.php?route=%2F 302'],
        fitsNot: ['POST /phpmyadmin/index.php 200', 'POST /phpmyadmin/index.php?route=/logout 302'],
      },
      proves: {
        fits: [
          'GET /phpmyadmin/index.php?route=/database/structure&db=shop 200',
          'GET /phpmyadmin/?route=/sql 200',
        ],
        fitsNot: [
          'GET /phpmyadmin/index.php?route=/ 200',
          'GET /phpmyadmin/index.php?route=/messages&v=5.2 200',
          'GET /phpmyadmin/index.php?route=/sql 302',
          'GET /index.php?route=/account 200',
        ],
      },
      authors: {
        fits: ['GET /phpmyadmin/index.php?route=/sql&db=shop 200'],
        fitsNot: ['GET /phpmyadmin/index.php?route=/setup 200'],
      },
    },
  },
  {
    app: 'Roundcube',
    sureness: 'judged',
    login: { method: 'POST', status: null, path: ROOT, query: /&_task=login&/i },
    failedStatus: [200, 401],
    loginStatus: [302],
    proof: ROUNDCUBE_MAIL,
    proofs: 1,
    distinct: false,
    author: ROUNDCUBE_MAIL,
    guessing: false,
    lines: {
      isLogin: {
        fits: ['POST /?_task=login 302', 'POST /roundcube/?_task=login&_action=login 401'],
        fitsNot: ['GET /?_task=login 200', 'POST /?_task=mail 200', 'POST /x.php?_task=login 302'],
      },
      failed: {
        fits: ['POST /?_task=login 401', 'POST /?_task=login 200'],
        fitsNot: ['POST /?_task=login 302'],
      },
      loggedIn: {
        fits: ['POST /?_task=login 302'],
        fitsNot: ['POST /?_task=login 401', 'POST /?_task=logout 302'],
      },
      proves: {
        fits: ['GET /?_task=mail 200', 'GET /?_task=mail&_mbox=INBOX 200'],
        fitsNot: ['GET /?_task=login 200', 'GET /?_task=mail 302', 'GET /?_task=mailing 200'],
      },
      authors: { fits: ['GET /?_task=mail&_action=compose 200'], fitsNot: ['GET /?_task=settings 302'] },
    },
  },
  {
    app: 'Magento',
    sureness: 'judged',
    login: {
      method: 'POST',
      status: null,
      path: /^\/(?:index\.php\/)?(?:admin(?!istrator)\w{0,30}|backend)\/?$/i,
      query: /^$/,
    },
    failedStatus: [200, 302],
    loginStatus: [302],
    proof: MAGENTO_PAGE,
    proofs: 3,
    distinct: false,
    author: MAGENTO_PAGE,
    guessing: false,
    lines: {
      isLogin: {
        fits: ['POST /admin 302', 'POST /admin_x7/ 302', 'POST /index.php/backend/ 302'],
        fitsNot: ['POST /admin/login.php 302', 'POST /administrator/index.php 303', 'GET /admin 200'],
      },
      failed: { fits: ['POST /admin 302', 'POST /admin 200'], fitsNot: ['POST /admin 403'] },
      loggedIn: { fits: ['POST /admin/ 302'], fitsNot: ['POST /admin/ 200'] },
      proves: {
        fits: [
          'GET /admin/catalog/product/index/key/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/ 200',
          'GET /admin/admin/dashboard/index/key/0123456789abcdef0123456789abcdef/store/1 200',
        ],
        fitsNot: [
          'GET /admin/catalog/product/ 200',
          'GET /key/0123 200',
          'GET /admin/key/0123456789abcdef0123456789abcdef/ 302',
        ],
      },
      authors: {
        fits: ['GET /admin/cms/page/edit/key/0123456789abcdef0123456789abcdef/ 200'],
        fitsNot: ['GET /key-ring 200'],
      },
    },
  },
];
