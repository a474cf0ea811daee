/** When agents run an order next; what was stored before is looked for when it is read. */
export const DUE_ORDERS = `
ALTER TABLE orders ADD COLUMN due BIGINT;
UPDATE orders SET due = 0 WHERE schedule IS NOT NULL;
`;

/** How many events of an order on one agent are not kept. */
export const LEFT_OUT_EVENTS = `
ALTER TABLE deliveries ADD COLUMN left_out BIGINT NOT NULL DEFAULT 0;
`;
