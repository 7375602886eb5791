/** What may cross a Temporal boundary: plain JSON, nothing with behaviour. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
