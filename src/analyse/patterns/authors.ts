// Fields whose job is to take code or markup: posts, product texts, SQL windows, mails.

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
}

/** First entry whose path and field fit counts. */
export const AUTHOR_FIELDS: readonly AuthorField[] = [
  {
    app: 'wordpress',
    path: /\/wp-admin\/(?:post|post-new|page|admin-ajax|options|options-\w+|widgets|customize|edit-tags|term|comment|admin-post|async-upload|nav-menus|site-editor|admin|edit|media|upload)\.php$/i,
    field:
      /(?:^|[\W_])(?:content|html|text|excerpt|description|title|actions|data|modules|header|footer|head|script|scripts|css|js|code|widget\w*|customized|acf|elementor\w*|et_\w+|wpb\w*|vc\w*|blocks?|layout|template|newcontent|snippet\w*|message|async-upload|name)(?:$|[\W_])/i,
    families: '*',
  },
  {
    app: 'wordpress',
    path: /\/wp-json\/(?:wp\/v2\/(?:posts|pages|blocks|templates|template-parts|widgets|global-styles|product|settings|menu-items|navigation|media|comments)|elementor|wc\/v\d+\/products|wp-block-editor|yoast)\b/i,
    field:
      /(?:^|[\W_])(?:content|raw|excerpt|title|description|html|text|css|instance|styles|blocks?|data|caption)(?:$|[\W_])/i,
    families: '*',
  },
  {
    app: 'wordpress',
    path: /\/wp-admin\/(?:theme-editor|plugin-editor)\.php$|\/wp-admin\/admin-ajax\.php$/i,
    field: /^newcontent$/i,
    families: '*',
    lift: false,
  },
  {
    app: 'xmlrpc',
    path: /\/xmlrpc\.php$/i,
    field: /^(?:\/\*)?$/i,
    families: '*',
    only: /(?:<methodName>\s*|^\s*)(?:metaWeblog\.(?:newPost|editPost|newMediaObject)|wp\.(?:newPost|editPost|newPage|editPage|newComment|editComment|uploadFile)|blogger\.(?:newPost|editPost))/i,
  },
  {
    app: 'joomla',
    path: /\/administrator\/(?:index\.php)?$/i,
    field: /^jform\b/i,
    families: '*',
  },
  {
    app: 'magento',
    path: /\/(?:admin\w*|backend)\/(?:\w+\/)*(?:save|validate|post|index\/save)\b/i,
    field:
      /^(?:product|page|block|content|description|general|groups|config|rule|template_text|email|cms|category|attribute)\b/i,
    families: '*',
  },
  {
    app: 'prestashop',
    path: /\/admin[\w-]*\/(?:index\.php|.*\/(?:save|edit|update))/i,
    field: /^(?:description\w*|content\w*|product|form|html\w*|text\w*|custom_css)\b/i,
    families: '*',
  },
  {
    app: 'drupal',
    path: /\/(?:node\/(?:\d+\/edit|add\/)|block\/|admin\/(?:structure|content|config))/i,
    field: /^(?:body|field_\w+|settings|description|info|title)\b/i,
    families: '*',
  },
  {
    app: 'phpmyadmin',
    path: /\/(?:phpmyadmin|pma|dbadmin|mysqladmin|3rdparty\/phpMyAdmin)\b/i,
    field: /^(?:sql_query|sql|query|where_clause|where_clause\[.*|fields\[.*|display_query|sql_query_\w+)$/i,
    families: ['sqli'],
  },
  {
    app: 'adminer',
    path: /\/adminer[\w.-]*(?:\.php)?$/i,
    field: /^query$/i,
    families: ['sqli'],
  },
  {
    app: 'webmail',
    path: /\/(?:webmail|roundcube|rainloop|snappymail|horde|squirrelmail|3rdparty\/roundcube)\b/i,
    field: /^(?:_message|_subject|message|body|subject|Body|Subject|_identity_signature|_signature)$/i,
    families: '*',
  },
];
