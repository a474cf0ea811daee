/** The code with which a hub ends the connection of an agent that it has revoked. */
export const REVOKED_AT_HUB = 4003;
