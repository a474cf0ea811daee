/** EICAR's test file, not in clear, or this file would be found. */
export const EICAR = atob(
  "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=",
);

/** A plain list, for `.hdb`, that finds EICAR by its MD5. */
export const EICAR_LIST = "44d88612fea8a8f36de82e1278abb02f:68:Office-Test-Signature\n";
/** One that takes the clean file of the scanner's test for a virus is made from its digest. */
export const MALFORMED_LIST = "this is no list of signatures\n";
