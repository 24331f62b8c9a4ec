// Fields whose job is to take code or markup: posts, product texts, SQL windows, mails; with the fields they are tested
// with.

/** What an entry is tried with: path, name of the field and, where the entry asks for it, the value. */
type AuthorCase = readonly [path: string, field: string, value?: string];

export interface AuthorField {
  readonly app: string;
  readonly path: RegExp;
  readonly field: RegExp;
  /** Grammar families that the field may hold; `'*'` for any. */
  readonly families: readonly string[] | '*';
  /** The value must match this as well. */
  readonly only?: RegExp;
  /** False where even a proved login explains nothing (code editors). */
  readonly lift?: boolean;
  readonly fits: readonly AuthorCase[];
  readonly fitsNot: readonly AuthorCase[];
}

/** First entry whose path and field fit counts. */
export const AUTHOR_FIELDS: readonly AuthorField[] = [
  {
    app: 'wordpress',
    path: /\/wp-admin\/(?:post|post-new|page|admin-ajax|options|options-\w+|widgets|customize|edit-tags|term|comment|admin-post|async-upload|nav-menus|site-editor|admin|edit|media|upload)\.php$/i,
    field:
      /(?:^|[\W_])(?:content|html|text|excerpt|description|title|actions|data|modules|header|footer|head|script|scripts|css|js|code|widget\w*|customized|acf|elementor\w*|et_\w+|wpb\w*|vc\w*|blocks?|layout|template|newcontent|snippet\w*|message|async-upload|name)(?:$|[\W_])/i,
    families: '*',
    fits: [
      ['/wp-admin/post.php', 'content'],
      ['/blog/wp-admin/admin-ajax.php', 'data[wp_autosave][content]'],
      ['/wp-admin/admin-ajax.php', 'modules'],
      ['/wp-admin/options.php', 'header_scripts'],
      ['/wp-admin/post.php', 'acf[field_1][row-0]'],
      ['/wp-admin/async-upload.php', 'async-upload'],
      ['/wp-admin/customize.php', 'customized'],
    ],
    fitsNot: [
      ['/wp-admin/post.php', 'post_ID'],
      ['/wp-admin/admin-ajax.php', 'action'],
      ['/wp-login.php', 'content'],
      ['/contact.php', 'message'],
      ['/wp-admin/post.php/x', 'content'],
      ['/wp-admin/post.php', 'contents'],
    ],
  },
  {
    app: 'wordpress',
    path: /\/wp-json\/(?:wp\/v2\/(?:posts|pages|blocks|templates|template-parts|widgets|global-styles|product|settings|menu-items|navigation|media|comments)|elementor|wc\/v\d+\/products|wp-block-editor|yoast)\b/i,
    field:
      /(?:^|[\W_])(?:content|raw|excerpt|title|description|html|text|css|instance|styles|blocks?|data|caption)(?:$|[\W_])/i,
    families: '*',
    fits: [
      ['/wp-json/wp/v2/posts/67', 'content'],
      ['/wp-json/wp/v2/pages', 'title.raw'],
      ['/wp-json/wc/v3/products/5', 'description'],
      ['/wp-json/elementor/v1/documents', 'data'],
    ],
    fitsNot: [
      ['/wp-json/wp/v2/users', 'description'],
      ['/wp-json/contact-form-7/v1/contact-forms/5/feedback', 'text'],
      ['/wp-json/wp/v2/posts/67', 'slug'],
    ],
  },
  {
    app: 'wordpress',
    path: /\/wp-admin\/(?:theme-editor|plugin-editor)\.php$|\/wp-admin\/admin-ajax\.php$/i,
    field: /^newcontent$/i,
    families: '*',
    lift: false,
    fits: [
      ['/wp-admin/theme-editor.php', 'newcontent'],
      ['/wp-admin/plugin-editor.php', 'newcontent'],
      ['/wp-admin/admin-ajax.php', 'newcontent'],
    ],
    fitsNot: [
      ['/wp-admin/theme-editor.php', 'file'],
      ['/theme-editor.php', 'newcontent'],
    ],
  },
  {
    app: 'xmlrpc',
    path: /\/xmlrpc\.php$/i,
    field: /^(?:\/\*)?$/i,
    families: '*',
    fits: [
      ['/xmlrpc.php', '/*', '<methodCall><methodName>metaWeblog.newPost</methodName>'],
      ['/xmlrpc.php', '', 'wp.editPost 1 jana'],
    ],
    fitsNot: [
      ['/xmlrpc.php', '/*', '<methodName>wp.getUsersBlogs</methodName>'],
      ['/xmlrpc.php', '/*', '<methodName>system.multicall</methodName> metaWeblog.newPost'],
      ['/xmlrpc.php', 'a', '<methodName>metaWeblog.newPost</methodName>'],
      ['/other.php', '/*', '<methodName>metaWeblog.newPost</methodName>'],
    ],
    only: /(?:<methodName>\s*|^\s*)(?:metaWeblog\.(?:newPost|editPost|newMediaObject)|wp\.(?:newPost|editPost|newPage|editPage|newComment|editComment|uploadFile)|blogger\.(?:newPost|editPost))/i,
  },
  {
    app: 'joomla',
    path: /\/administrator\/(?:index\.php)?$/i,
    field: /^jform\b/i,
    families: '*',
    fits: [
      ['/administrator/index.php', 'jform[articletext]'],
      ['/joomla/administrator/', 'jform[params][x]'],
    ],
    fitsNot: [
      ['/index.php', 'jform[articletext]'],
      ['/administrator/index.php', 'username'],
      ['/administrator/index.php', 'jforms'],
    ],
  },
  {
    app: 'magento',
    path: /\/(?:admin\w*|backend)\/(?:\w+\/)*(?:save|validate|post|index\/save)\b/i,
    field:
      /^(?:product|page|block|content|description|general|groups|config|rule|template_text|email|cms|category|attribute)\b/i,
    families: '*',
    fits: [
      ['/admin/catalog/product/save/id/5/key/abc/', 'product[description]'],
      ['/admin_x7/cms/page/save', 'content'],
      ['/backend/admin/system_config/save/section/design', 'groups[head][fields]'],
    ],
    fitsNot: [
      ['/checkout/cart/add', 'product[description]'],
      ['/admin/catalog/product/save', 'form_key'],
      ['/admin/catalog/product/savedsearch', 'category'],
    ],
  },
  {
    app: 'prestashop',
    path: /\/admin[\w-]*\/(?:index\.php|.*\/(?:save|edit|update))/i,
    field: /^(?:description\w*|content\w*|product|form|html\w*|text\w*|custom_css)\b/i,
    families: '*',
    fits: [
      ['/admin-dev/index.php', 'description_1'],
      ['/admin123/index.php/sell/catalog/products/5/edit', 'product[description]'],
    ],
    fitsNot: [
      ['/index.php', 'description_1'],
      ['/admin-dev/index.php', 'token'],
      ['/administrator.php', 'content_1'],
    ],
  },
  {
    app: 'drupal',
    path: /\/(?:node\/(?:\d+\/edit|add\/)|block\/|admin\/(?:structure|content|config))/i,
    field: /^(?:body|field_\w+|settings|description|info|title)\b/i,
    families: '*',
    fits: [
      ['/node/5/edit', 'body[0][value]'],
      ['/sk/node/add/page', 'field_text[0]'],
      ['/admin/structure/block/add', 'settings[label]'],
    ],
    fitsNot: [
      ['/node/5', 'body[0][value]'],
      ['/node/5/edit', 'form_token'],
      ['/comment/reply/node/5', 'comment_body'],
    ],
  },
  {
    app: 'phpmyadmin',
    path: /\/(?:phpmyadmin|pma|dbadmin|mysqladmin|3rdparty\/phpMyAdmin)\b/i,
    field: /^(?:sql_query|sql|query|where_clause|where_clause\[.*|fields\[.*|display_query|sql_query_\w+)$/i,
    families: ['sqli'],
    fits: [
      ['/phpmyadmin/index.php', 'sql_query'],
      ['/pma/sql.php', 'where_clause[0]'],
      ['/phpmyadmin/index.php', 'fields[multi_edit][0][a]'],
    ],
    fitsNot: [
      ['/phpmyadmin/index.php', 'db'],
      ['/shop/index.php', 'sql_query'],
      ['/phpmyadmins/index.php', 'sql_query'],
    ],
  },
  {
    app: 'adminer',
    path: /\/adminer[\w.-]*(?:\.php)?$/i,
    field: /^query$/i,
    families: ['sqli'],
    fits: [
      ['/adminer.php', 'query'],
      ['/tools/adminer-4.8.1.php', 'query'],
    ],
    fitsNot: [
      ['/adminer.php', 'db'],
      ['/search.php', 'query'],
    ],
  },
  {
    app: 'webmail',
    path: /\/(?:webmail|roundcube|rainloop|snappymail|horde|squirrelmail|3rdparty\/roundcube)\b/i,
    field: /^(?:_message|_subject|message|body|subject|Body|Subject|_identity_signature|_signature)$/i,
    families: '*',
    fits: [
      ['/roundcube/', '_message'],
      ['/webmail/index.php', '_subject'],
      ['/horde/imp/compose.php', 'message'],
    ],
    fitsNot: [
      ['/roundcube/', '_to'],
      ['/contact/', '_message'],
      ['/webmailer/', '_message'],
    ],
  },
];
