/** On whose behalf a token was made. */
export const TOKEN_USERS = `
ALTER TABLE api_tokens ADD COLUMN user_id TEXT;
`;

/** By which token another one was made. */
export const TOKEN_MAKERS = `
ALTER TABLE api_tokens ADD COLUMN maker TEXT;
`;
