// Response headers: a strict policy without inline script or style, no caching of pages, nothing about the server.
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Headers of every answer. The referrer stays within the origin (WHM's own referrer check needs it), frames only
 * from the same origin (WHM); the script asks this server alone, for the results of a search. No HSTS: the host and its https belong to WHM, not to this page.
 */
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'self'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'sameorigin' },
    strictTransportSecurity: false,
    originAgentCluster: false,
  });
}

/** Pages are made for one moment and one user: never stored. Static files overwrite this. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.set('Cache-Control', 'no-store');
  next();
};
