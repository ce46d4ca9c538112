import { z } from 'zod';

/**
 * The page's policy forbids making code at run time, with which zod would make its parsers quicker. Zod looks at this when a
 * schema is made: so this comes before every import of the protocol.
 */
z.config({ jitless: true });
