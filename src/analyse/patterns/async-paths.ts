// Requests that the pages of an application send by themselves while somebody works in it.
import { anyOf, type PatternEntry } from './pattern-entry.ts';

/** Tried on a request target, as sent. */
export const ASYNC_PATHS: readonly PatternEntry[] = [
  // WordPress: heartbeat, autosave, media library, shop
  {
    re: /\/wp-admin\/(?:admin-ajax|async-upload)\.php(?:\?|$)/i,
    fits: [
      '/wp-admin/admin-ajax.php',
      '/blog/wp-admin/admin-ajax.php?action=heartbeat',
      '/wp-admin/async-upload.php',
    ],
    fitsNot: ['/wp-admin/post.php', '/wp-admin/admin-ajax.php/../x', '/admin-ajax.html'],
  },
  {
    re: /\/wp-json(?:\/|\?|$)|[?&]rest_route=\//i,
    fits: ['/wp-json/wp/v2/posts/5/autosaves', '/wp-json', '/index.php?rest_route=/wp/v2/blocks'],
    fitsNot: ['/wp-jsonp/', '/docs/wp-json.html', '/?route=/wp/v2'],
  },
  {
    re: /[?&]wc-ajax=\w/i,
    fits: ['/?wc-ajax=get_refreshed_fragments', '/shop/?lang=sk&wc-ajax=add_to_cart'],
    fitsNot: ['/?wc-ajax=', '/wc-ajax/', '/?q=wc-ajax'],
  },
  // Joomla
  {
    re: /[?&](?:option=com_ajax|format=(?:json|raw))(?:&|$)/i,
    fits: ['/administrator/index.php?option=com_ajax&plugin=x', '/index.php?option=com_content&format=json'],
    fitsNot: ['/administrator/index.php?option=com_content', '/?format=html', '/?reformat=json'],
  },
  // Magento
  {
    re: /\/(?:customer\/section\/load|mui\/index\/render|graphql|rest\/(?:\w{1,30}\/)?V\d)(?:\/|\?|$)/i,
    fits: [
      '/customer/section/load/?sections=cart',
      '/admin/mui/index/render/?namespace=x',
      '/rest/default/V1/carts',
      '/graphql',
    ],
    fitsNot: ['/customer/account/', '/restaurant/V1', '/graphql-book'],
  },
  // Drupal
  {
    re: /\/system\/ajax(?:\?|$)|[?&](?:_wrapper_format=drupal_\w|ajax_form=1)/i,
    fits: ['/system/ajax', '/node/add/page?ajax_form=1&_wrapper_format=drupal_ajax'],
    fitsNot: ['/system/ajaxes', '/node/add/page'],
  },
  // phpMyAdmin and Roundcube
  {
    re: /[?&](?:ajax_request=(?:1|true)|_remote=1)(?:&|$)/i,
    fits: ['/phpmyadmin/index.php?route=/sql&ajax_request=true', '/?_task=mail&_action=refresh&_remote=1'],
    fitsNot: ['/phpmyadmin/index.php?route=/sql', '/?_task=mail&_action=list', '/?remote=1'],
  },
];

const ASYNC = anyOf(ASYNC_PATHS);

/** Whether a page sends this request target by itself, without a click. */
export function isAsyncPath(uri: string): boolean {
  return ASYNC.test(uri);
}
