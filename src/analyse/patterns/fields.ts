// Which field names (and targets) hold what kind of value.

/** Kinds of fields by the name of the argument; `tracking` takes a whole target, e.g. `ARGS:fbclid`. */
export const FIELDS = {
  /** Texts that people write. */
  free: /^(?:comment|comments|message|messages|msg|text|body|note|notes|description|content|reply|question|review|feedback|inquiry|enquiry|detail|details|subject|title|quote|signature|bio|about|order_comments|komentar|sprava|poznamka|dotaz|zprava|nachricht|mensaje|soobshchenie|_message|_subject|your-message|your-subject|et_pb_contact_message(?:_\d+)?|wpforms|form_fields|item_meta|input_\d+|comment_content|post_content|reason|remark|remarks|query)$/i,
  search:
    /^(?:q|s|query|search|searchword|search_query|keyword|keywords|term|terms|find|text|controller_search|hladaj|hledat|suche)$/i,
  password:
    /^(?:pwd|pass|passwd|password|password1|password2|pass1|pass2|user_pass|login_password|_pass|passwort|heslo)$/i,
  /** Addresses to go on to. */
  url: /^(?:url|uri|redirect|redirect_to|redirect_uri|redirect_url|return|returnto|return_to|return_url|returnurl|next|continue|callback|back|ref|referer|referrer|dest|destination|goto|link|image_url|website|_wp_http_referer|success_url|cancel_url|scope)$/i,
  /** Codes of advertising and consent tools. */
  tracking:
    /^(?:REQUEST_COOKIES(?:_NAMES)?:(?:[\w.-]*(?:consent|cookie_?notice|cookielaw|cookieyes|borlabs|cmplz|gdpr|optanon|moove_gdpr|euconsent|usercentrics|didomi)[\w.-]*|_ga\w*|_gid|_gcl_\w+|_fb[pc]|__utm\w+|_hj\w+|_pk_\w+|_clck|_clsk|mp_\w+|ajs_\w+|_uet\w+|sbjs_\w+|tk_\w+|hubspotutk|__hs\w+|intercom-\w+|li_\w+|_ttp)|ARGS(?:_GET|_NAMES|_GET_NAMES)?:(?:fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|ttclid|twclid|igshid|mc_eid|mc_cid|utm_\w+|_ga|_gl|srsltid|hsa_\w+|_hs\w+|epik|li_fat_id|ref_src|irclickid)|REQUEST_HEADERS:(?:Referer|Cookie))$/i,
} as const;
