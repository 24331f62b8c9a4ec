// Logins of WordPress, Joomla and the accounts of visitors, with lines they are tested with.
import type { LineShape, LoginSpec } from './login-entry.ts';

const OK = [200];
const JOOMLA_PAGE: LineShape = {
  method: 'GET',
  status: OK,
  path: /\/administrator\/(?:index\.php)?$/i,
  query: /&option=com_(?!ajax\b|login\b)\w/i,
};

export const CMS_LOGINS: readonly LoginSpec[] = [
  {
    app: 'WordPress',
    sureness: 'measured',
    login: {
      method: 'POST',
      status: null,
      path: /\/wp-login\.php$/i,
      notQuery:
        /&action=(?:lostpassword|retrievepassword|register|postpass|resetpass|rp|logout|confirmaction)&/i,
    },
    failedStatus: OK,
    loginStatus: [302],
    // Files of the back office that answer anybody: some by design, the parts of pages with -1.
    proof: {
      method: 'GET',
      status: OK,
      path: /\/wp-admin\/(?:(?:network|user)\/)?(?:[\w-]{1,60}\.php)?$/i,
      notPath:
        /\/(?:admin-ajax|admin-post|async-upload|load-styles|load-scripts|install|install-helper|upgrade|setup-config|upgrade-functions|admin-functions|admin-footer|menu|menu-header|options-head|edit-form-\w+|edit-tag-form|edit-link-form|widgets-form|widgets-form-blocks|custom-background|custom-header)\.php$/i,
    },
    proofs: 1,
    distinct: false,
    author: {
      method: 'GET',
      status: OK,
      path: /\/wp-admin\/(?:network\/)?(?:edit|post|post-new|upload|plugins|themes|widgets|options-(?!head\b)\w{1,30}|users|customize|nav-menus|edit-tags|edit-comments|site-editor|tools)\.php$/i,
    },
    guessing: true,
    lines: {
      isLogin: {
        fits: [
          'POST /wp-login.php 302',
          'POST /blog/wp-login.php 200',
          'POST /wp-login%2Ephp 200',
          'POST //wp-login.php?redirect_to=%2F 403',
        ],
        fitsNot: [
          'GET /wp-login.php 200',
          'POST /wp-login.php?action=lostpassword 302',
          'POST /wp-login.php?action=register 200',
          'POST /wp-login.php?a=1&action=postpass 302',
          'POST /wp-login.php.bak 200',
        ],
      },
      failed: {
        fits: [
          'POST /wp-login.php 200',
          'POST /wp-login.php?action=login 200',
          'POST /wp-login.php?action=register&action=login 200',
          'POST /wp-login.php?x=%26action=register 200',
        ],
        fitsNot: [
          'POST /wp-login.php 302',
          'POST /wp-login.php 403',
          'POST /wp-login.php?action=lostpassword 200',
        ],
      },
      loggedIn: {
        fits: ['POST /wp-login.php 302'],
        fitsNot: [
          'POST /wp-login.php 200',
          'POST /wp-login.php?action=logout 302',
          'POST /wp-login.php?action=resetpass 302',
        ],
      },
      proves: {
        fits: [
          'GET /wp-admin/ 200',
          'GET /wp-admin/index.php 200',
          'GET /wp-admin/profile.php 200',
          'GET /wp-admin/network/sites.php 200',
        ],
        fitsNot: [
          'GET /wp-admin/ 302',
          'GET /wp-admin/admin-ajax.php 200',
          'GET /wp-admin/load-scripts.php?c=1 200',
          'GET /wp-admin/install.php 200',
          'GET /wp-admin/edit-form-advanced.php 200',
          'GET /wp-admin/css/login.min.css 200',
          'POST /wp-admin/post.php 200',
          'GET /wp-admin 301',
        ],
      },
      authors: {
        fits: [
          'GET /wp-admin/post.php?post=5&action=edit 200',
          'GET /wp-admin/edit.php?post_type=page 200',
          'GET /wp-admin/options-general.php 200',
        ],
        fitsNot: [
          'GET /wp-admin/ 200',
          'GET /wp-admin/profile.php 200',
          'GET /wp-admin/edit.php 403',
          'GET /wp-admin/options-head.php 200',
          'GET /edit.php 200',
        ],
      },
    },
  },
  {
    // An authoring method in the record makes it an editor's program instead: see the author fields.
    app: 'WordPress xmlrpc',
    sureness: 'judged',
    login: { method: 'POST', status: null, path: /\/xmlrpc\.php$/i },
    failedStatus: [200, 401],
    loginStatus: [],
    proof: null,
    proofs: 0,
    distinct: false,
    author: null,
    guessing: true,
    lines: {
      isLogin: {
        fits: ['POST /xmlrpc.php 200', 'POST /blog/xmlrpc.php 405'],
        fitsNot: ['GET /xmlrpc.php?rsd 200', 'POST /xmlrpc.php/x 200'],
      },
      failed: {
        fits: ['POST /xmlrpc.php 200', 'POST /xmlrpc.php 401'],
        fitsNot: ['POST /xmlrpc.php 403', 'POST /xmlrpc.php 405'],
      },
      loggedIn: { fits: [], fitsNot: ['POST /xmlrpc.php 200', 'POST /xmlrpc.php 302'] },
      proves: { fits: [], fitsNot: ['POST /xmlrpc.php 200', 'GET /wp-admin/ 200'] },
      authors: { fits: [], fitsNot: ['GET /wp-admin/edit.php 200'] },
    },
  },
  {
    app: 'Joomla',
    sureness: 'judged',
    login: { method: 'POST', status: null, path: /\/administrator\/(?:index\.php)?$/i, query: /^$/ },
    failedStatus: [200, 303],
    loginStatus: [303],
    proof: JOOMLA_PAGE,
    proofs: 3,
    distinct: true,
    author: JOOMLA_PAGE,
    guessing: true,
    lines: {
      isLogin: {
        fits: ['POST /administrator/ 303', 'POST /administrator/index.php 200'],
        fitsNot: [
          'POST /administrator/index.php?option=com_content&task=article.save 303',
          'GET /administrator/ 200',
          'POST /index.php 303',
        ],
      },
      failed: {
        fits: ['POST /administrator/index.php 303', 'POST /administrator/ 200'],
        fitsNot: ['POST /administrator/ 403', 'POST /administrator/index.php?option=com_content 303'],
      },
      loggedIn: {
        fits: ['POST /administrator/index.php 303'],
        fitsNot: ['POST /administrator/index.php 200'],
      },
      proves: {
        fits: ['GET /administrator/index.php?option=com_content&view=articles 200'],
        fitsNot: [
          'GET /administrator/index.php 200',
          'GET /administrator/index.php?option=com_login 200',
          'GET /administrator/index.php?option=com_content 303',
          'GET /index.php?option=com_content 200',
        ],
      },
      authors: {
        fits: ['GET /administrator/index.php?option=com_menus 200'],
        fitsNot: ['GET /administrator/index.php?option=com_ajax 200'],
      },
    },
  },
  {
    app: 'user account',
    sureness: 'judged',
    login: { method: 'POST', status: null, path: /\/user\/login\/?$/i },
    failedStatus: OK,
    loginStatus: [302, 303],
    proof: {
      method: 'GET',
      status: OK,
      path: /\/user\/(?:\d{1,9}\/\w|(?:account|profile|orders|settings|edit|dashboard)\b)/i,
    },
    proofs: 1,
    distinct: false,
    author: null,
    guessing: true,
    lines: {
      isLogin: {
        fits: ['POST /user/login 303', 'POST /sk/user/login/ 200'],
        fitsNot: ['GET /user/login 200', 'POST /user/logins 200', 'POST /user/login.php/x 200'],
      },
      failed: {
        fits: ['POST /user/login 200', 'POST /user/login?destination=node/1 200'],
        fitsNot: ['POST /user/login 303', 'POST /user/login 403'],
      },
      loggedIn: {
        fits: ['POST /user/login 303', 'POST /user/login 302'],
        fitsNot: ['POST /user/login 200', 'POST /user/register 303'],
      },
      proves: {
        fits: ['GET /user/5/edit 200', 'GET /user/orders 200'],
        fitsNot: ['GET /user/5 200', 'GET /user/5/edit 403', 'GET /user/login 200'],
      },
      authors: { fits: [], fitsNot: ['GET /user/5/edit 200', 'GET /node/add/page 200'] },
    },
  },
  {
    app: 'shop account',
    sureness: 'judged',
    login: {
      method: 'POST',
      status: null,
      path: /\/(?:my-account|moj-ucet|muj-ucet|mein-konto|customer\/account\/loginPost)\/?$/i,
    },
    failedStatus: OK,
    loginStatus: [302, 303],
    proof: {
      method: 'GET',
      status: OK,
      path: /\/(?:my-account|moj-ucet|muj-ucet|mein-konto)\/(?:orders|edit-account|edit-address|view-order|downloads|payment-methods)\b|\/(?:customer\/account|sales\/order|wishlist)(?:\/(?:index|edit|history|view))?\/?$/i,
    },
    proofs: 1,
    distinct: false,
    author: null,
    guessing: false,
    lines: {
      isLogin: {
        fits: ['POST /my-account/ 302', 'POST /customer/account/loginPost/ 302'],
        fitsNot: ['POST /my-account/edit-account/ 302', 'GET /my-account/ 200'],
      },
      failed: {
        fits: ['POST /my-account/ 200'],
        fitsNot: ['POST /my-account/ 302', 'POST /customer/account/loginPost/ 403'],
      },
      loggedIn: {
        fits: ['POST /my-account/ 302', 'POST /customer/account/loginPost/ 302'],
        fitsNot: ['POST /my-account/lost-password/ 302'],
      },
      proves: {
        fits: ['GET /my-account/orders/ 200', 'GET /customer/account/ 200', 'GET /sales/order/history/ 200'],
        fitsNot: [
          'GET /my-account/ 200',
          'GET /customer/account/login/ 200',
          'GET /customer/account/ 302',
          'GET /customer/account/create/ 200',
        ],
      },
      authors: { fits: [], fitsNot: ['GET /customer/account/edit/ 200', 'GET /my-account/orders/ 200'] },
    },
  },
];
