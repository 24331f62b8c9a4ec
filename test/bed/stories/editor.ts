// Story 2: the editor of a WordPress site saves a post with an embedded video, is refused, tries again, is blocked.
import { EDITOR } from '../backend.ts';
import { BLOG } from '../sites.ts';
import { browserHeaders, CHROME, pageUrl, readPage } from './story.ts';
import type { Step, Story, Visit } from './story.ts';

export const EDITOR_CLIENT = '203.0.113.24';
const START = -3 * 3600 - 700;
const EDIT_PAGE = '/wp-admin/post.php?post=412&action=edit';
const THEME = [
  '/wp-content/themes/plain/style.css',
  '/wp-content/themes/plain/app.js',
  '/wp-content/uploads/header.gif',
  '/wp-includes/js/jquery.js',
];
const ADMIN = ['/wp-admin/css/admin.css', '/wp-admin/js/editor.js', '/wp-includes/js/jquery.js'];

const CONTENT = `<h2>Autumn workshop: how it went</h2>
<p>Thank you all for coming! More than sixty people found their way to the old mill on Saturday, and the pottery table was full until the evening. Below is the short film that Peter made; the slides are on the downloads page.</p>
<iframe width="560" height="315" src="https://video.example.net/embed/a7Yw2" title="Autumn workshop" frameborder="0" allow="autoplay; encrypted-media" allowfullscreen></iframe>
<p>Please write to us if you would like to help with the winter fair: we still need hands for the stalls.</p>`;

const visit: Visit = {
  client: EDITOR_CLIENT,
  host: BLOG.servername,
  userAgent: CHROME,
  language: 'sk-SK,sk;q=0.9,en;q=0.7',
  tls: true,
};
const loggedIn: Visit = {
  ...visit,
  cookie: 'wordpress_logged_in_5f2b=jana%7C1; wp-settings-time-1=1795340000',
};

interface Form {
  readonly form: Readonly<Record<string, string>>;
  readonly expect: number;
}

function post(who: Visit, at: number, path: string, { form, expect }: Form): Step {
  const from = path === '/wp-login.php' ? '/wp-login.php' : EDIT_PAGE;
  const headers = { ...browserHeaders(who, pageUrl(who, from), false), Origin: `https://${who.host}` };
  const body = new URLSearchParams(form).toString();
  return { at, request: { host: who.host, client: who.client, tls: true, path, headers, body }, expect };
}

/** The post as the classic editor's form sends it. */
function save(at: number, content: string, expect: number): Step {
  const form = {
    _wpnonce: '9b3c1f22aa',
    user_ID: '1',
    action: 'editpost',
    post_ID: '412',
    post_title: 'Autumn workshop: how it went',
    content,
    save: 'Update',
    post_status: 'publish',
  };
  return post(loggedIn, at, '/wp-admin/post.php', { form, expect });
}

/** The same text as the editor page saves it by itself every minute. */
function autosave(at: number): Step {
  const form = {
    'data[wp_autosave][post_id]': '412',
    'data[wp_autosave][post_title]': 'Autumn workshop: how it went',
    'data[wp_autosave][content]': CONTENT,
    interval: '60',
    action: 'heartbeat',
    _nonce: '5d0e7a61c4',
    screen_id: 'post',
  };
  return post(loggedIn, at, '/wp-admin/admin-ajax.php', { form, expect: 403 });
}

/** Reads, logs in, edits, saves once without the video, then ten refused tries in about eight minutes. */
export function editor(): Story {
  const at = (seconds: number): number => START + seconds;
  return {
    name: 'WordPress editor',
    steps: [
      ...readPage(visit, at(0), '/', { from: null, assets: THEME }),
      ...readPage(visit, at(24), '/2026/summer-market/', { from: '/', assets: THEME.slice(2) }),
      ...readPage(visit, at(61), '/about/', { from: '/2026/summer-market/', assets: [] }),
      ...readPage(visit, at(75), '/wp-login.php', { from: '/about/', assets: ADMIN.slice(0, 1) }),
      post(visit, at(92), '/wp-login.php', {
        form: { log: EDITOR.login, pwd: EDITOR.password, 'wp-submit': 'Log In' },
        expect: 302,
      }),
      ...readPage(loggedIn, at(93), '/wp-admin/', { from: '/wp-login.php', assets: ADMIN }),
      ...readPage(loggedIn, at(110), '/wp-admin/edit.php', { from: '/wp-admin/', assets: ADMIN.slice(2) }),
      ...readPage(loggedIn, at(121), EDIT_PAGE, { from: '/wp-admin/edit.php', assets: ADMIN }),
      save(at(170), '<h2>Autumn workshop: how it went</h2><p>Thank you all for coming!</p>', 302),
      ...readPage(loggedIn, at(171), '/wp-admin/post.php?post=412&action=edit&message=1', {
        from: EDIT_PAGE,
        assets: [],
      }),
      save(at(236.2), CONTENT, 403),
      save(at(251.7), CONTENT, 403),
      autosave(at(296.1)),
      ...readPage(loggedIn, at(310), EDIT_PAGE, { from: '/wp-admin/edit.php', assets: ADMIN.slice(0, 2) }),
      save(at(338.4), CONTENT, 403),
      autosave(at(370.4)),
      ...readPage(visit, at(400), '/2026/autumn-workshop/', { from: null, assets: THEME.slice(2) }),
      autosave(at(430.6)),
      save(at(461.9), CONTENT, 403),
      autosave(at(490.5)),
      save(at(533.3), CONTENT, 403),
      autosave(at(550.7)),
    ],
  };
}
