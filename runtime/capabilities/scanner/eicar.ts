/** EICAR's test file: every scanner's canary, and harmless. Not in clear, or this would be found. */
export const EICAR = atob(
  "WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=",
);
/** Its MD5, as plain lists name files. */
export const EICAR_MD5 = "44d88612fea8a8f36de82e1278abb02f";
