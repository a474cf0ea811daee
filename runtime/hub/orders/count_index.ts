/**
 * Counting how far an order is reads this index alone: the overview counts those of the latest
 * orders, each of which may have gone to ten thousand agents.
 */
export const COUNT_INDEX = `
CREATE INDEX deliveries_counted ON deliveries (tenant, order_id, state, outcome_kind);
`;
