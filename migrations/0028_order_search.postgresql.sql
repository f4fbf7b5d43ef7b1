-- What staff find orders by. None of these rows is written by a sale that is paid by card at a provider or in play, but
-- for the digits of its card.
CREATE INDEX payment_last4 ON payment (conference_id, card_last4) WHERE card_last4 <> '';
CREATE INDEX payment_receipt ON payment (reference) WHERE reference <> '';
CREATE INDEX payment_by_hand ON payment (conference_id, method, order_id) WHERE method <> 'stripe' AND method <> 'sandbox';
