#!/usr/bin/env bash
# Recounts a sale from its rows with the database's own client, none of our code: nothing is sold twice, nothing is half
# done, and who was told "paid" has a paid order.
#
#   recount.sh URL [--told FILE] [--all-told] [--several-orders]
#
# URL              sqlite:PATH or postgresql://…
# --told FILE      what buyers were told: lines of reference, TAB, "ordered" or "paid", as bench_onsale writes them
# --all-told       also: every paid order was told to somebody (not after a kill, which loses answers)
# --several-orders one buyer may have several orders (default: one e-mail address has one order)
# Prints one line a check; exit code 0: all hold; 1: some do not; 2: usage.
set -euo pipefail

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 1 ] || usage
url=$1; shift
told='' all_told=no several=no
while [ $# -gt 0 ]; do
  case $1 in
    --told) [ $# -ge 2 ] || usage; told=$2; shift ;;
    --all-told) all_told=yes ;;
    --several-orders) several=yes ;;
    *) usage ;;
  esac
  shift
done

case $url in
  sqlite:*)
    file=${url#sqlite:}; case $file in ///*) file=${file#//} ;; esac
    [ -f "$file" ] || { echo "recount.sh: no database at $file" >&2; exit 2; }
    # Waits for a writer, so that a running server can be recounted; the first SELECT fixes the snapshot.
    begin='BEGIN;'
    client() { sqlite3 -batch -bail -noheader -list -separator '|' -cmd '.timeout 10000' "$file"; }
    ;;
  postgresql://* | postgres://*)
    begin='BEGIN ISOLATION LEVEL REPEATABLE READ;'
    client() { psql -X -q -A -t -F '|' -v ON_ERROR_STOP=1 "$url"; }
    ;;
  *) usage ;;
esac

# check TEXT SQL: the SQL selects one number, how many rows break the rule.
queries=''
check() { queries+="SELECT ($2), '${1//\'/\'\'}';"$'\n'; }

units="SELECT coalesce(sum(l.quantity), 0) FROM order_line l JOIN orders o ON o.id = l.order_id
       WHERE o.status IN ('paid', 'partially_refunded') AND o.conference_id = s.conference_id"
of_stock="((s.kind = 'conference' AND l.kind = 'ticket') OR (s.kind = 'ticket_type' AND l.ticket_type_id = s.product_id)
       OR (s.kind = 'addon' AND l.addon_id = s.product_id) OR (s.kind = 'variation' AND l.variation_id = s.product_id))"
counted="s.kind IN ('conference', 'ticket_type', 'addon', 'variation')"
seats="(SELECT count(*) FROM seat t WHERE t.order_id = o.id AND t.status = 'active')"
tickets="(SELECT coalesce(sum(l.quantity), 0) FROM order_line l WHERE l.order_id = o.id AND l.kind = 'ticket')"

# over_limit: in use when somebody lowered the limit, and not come back since.
check 'sold + held is within the capacity, but for what was over it when it was lowered' \
  "SELECT count(*) FROM stock WHERE capacity IS NOT NULL AND sold + held > capacity + over_limit"
check 'the lines of paid orders are within the capacity likewise' \
  "SELECT count(*) FROM stock s WHERE $counted AND s.capacity IS NOT NULL AND ($units AND $of_stock) > s.capacity + s.over_limit"
check 'stock says sold what the lines of paid orders say' \
  "SELECT count(*) FROM stock s WHERE $counted AND s.sold <> ($units AND $of_stock)"
check 'uses of vouchers and discounts are what sold orders use' \
  "SELECT count(*) FROM stock s WHERE s.kind IN ('voucher', 'voucher_budget', 'condition')
     AND s.sold <> (SELECT coalesce(sum(u.quantity), 0) FROM stock_use u WHERE u.stock_id = s.id)"
check 'every order with a voucher uses it once' \
  "SELECT (SELECT count(*) FROM orders o WHERE o.voucher_id IS NOT NULL AND o.status = 'paid')
     - (SELECT coalesce(sum(sold), 0) FROM stock WHERE kind = 'voucher')"
check 'stock says held what the holds say' \
  "SELECT count(*) FROM stock s WHERE s.held <> (SELECT coalesce(sum(h.quantity), 0) FROM hold h WHERE h.stock_id = s.id)"
check 'every hold has an open cart or a pending order' \
  "SELECT count(*) FROM hold h WHERE
     (h.owner_kind = 'cart' AND NOT EXISTS (SELECT 1 FROM cart c WHERE c.id = h.owner_id AND c.status = 'open'))
     OR (h.owner_kind = 'order' AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.id = h.owner_id AND o.status = 'pending'))"
check 'a pending order that holds anything holds all its tickets' \
  "SELECT count(*) FROM orders o WHERE o.status = 'pending'
     AND EXISTS (SELECT 1 FROM hold h WHERE h.owner_kind = 'order' AND h.owner_id = o.id)
     AND $tickets <> (SELECT coalesce(sum(h.quantity), 0) FROM hold h JOIN stock s ON s.id = h.stock_id
                      WHERE h.owner_kind = 'order' AND h.owner_id = o.id AND s.kind = 'ticket_type')"
check 'every order has lines' \
  "SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id)"
check 'the lines of every order add up to its total' \
  "SELECT count(*) FROM orders o WHERE o.total <> (SELECT coalesce(sum(l.gross), 0) FROM order_line l WHERE l.order_id = o.id)"
check 'every paid order was paid in full, once' \
  "SELECT count(*) FROM orders o WHERE o.status = 'paid' AND o.total > 0 AND
     ((SELECT count(*) FROM payment p WHERE p.order_id = o.id AND p.status = 'succeeded') <> 1
      OR (SELECT coalesce(sum(p.amount), 0) FROM payment p WHERE p.order_id = o.id AND p.status = 'succeeded') <> o.total)"
check 'no unpaid order has money' \
  "SELECT count(*) FROM orders o WHERE o.status IN ('pending', 'cancelled')
     AND EXISTS (SELECT 1 FROM payment p WHERE p.order_id = o.id AND p.status = 'succeeded')"
check 'every paid order has one seat for each ticket' \
  "SELECT count(*) FROM orders o WHERE o.status = 'paid' AND $seats <> $tickets"
check 'no unpaid order has seats' \
  "SELECT count(*) FROM orders o WHERE o.status IN ('pending', 'cancelled') AND $seats > 0"
check 'no cart that was ordered is open, no cart is ordered twice' \
  "SELECT count(*) FROM (SELECT o.cart_id FROM orders o JOIN cart c ON c.id = o.cart_id GROUP BY o.cart_id
     HAVING count(*) > 1 OR min(c.status) <> 'checked_out') x"
if [ $several = no ]; then
  check 'no buyer has two orders' \
    "SELECT count(*) FROM (SELECT email_normalized FROM orders GROUP BY conference_id, email_normalized HAVING count(*) > 1) x"
fi

script=''
if [ -n "$told" ]; then
  [ -f "$told" ] || { echo "recount.sh: no file $told" >&2; exit 2; }
  # References are letters, digits and hyphens; anything else in the file is refused rather than quoted.
  script=$(awk -F'\t' '
    BEGIN { print "CREATE TEMPORARY TABLE told (reference TEXT NOT NULL, said TEXT NOT NULL);"
            print "CREATE INDEX told_reference ON told (reference);" }
    $1 !~ /^[A-Za-z0-9-]+$/ || $2 !~ /^(ordered|paid)$/ { print "not a line of the told file: " $0 > "/dev/stderr"; exit 1 }
    { printf "INSERT INTO told VALUES ('\''%s'\'', '\''%s'\'');\n", $1, $2 }' "$told") || exit 2
  check 'every order a buyer was told of exists, once' \
    "SELECT count(*) FROM told t WHERE (SELECT count(*) FROM orders o WHERE o.reference = t.reference) <> 1"
  check 'no reference was given to two buyers' \
    "SELECT count(*) FROM (SELECT reference FROM told GROUP BY reference HAVING count(*) > 1) x"
  check 'everyone told "paid" has exactly one paid order' \
    "SELECT count(*) FROM told t WHERE t.said = 'paid'
       AND (SELECT count(*) FROM orders o WHERE o.reference = t.reference AND o.status = 'paid') <> 1"
  if [ $all_told = yes ]; then
    check 'every paid order was told to its buyer' \
      "SELECT count(*) FROM orders o WHERE o.status = 'paid'
         AND NOT EXISTS (SELECT 1 FROM told t WHERE t.reference = o.reference AND t.said = 'paid')"
  fi
fi

summary="SELECT 'counts', (SELECT count(*) FROM orders), (SELECT count(*) FROM orders WHERE status = 'paid'),
  (SELECT count(*) FROM seat), (SELECT coalesce(sum(sold), 0) FROM stock WHERE kind = 'conference'),
  (SELECT coalesce(sum(held), 0) FROM stock WHERE kind = 'conference'),
  (SELECT coalesce(sum(capacity), 0) FROM stock WHERE kind = 'conference');"

# The table of what was told is filled in the same transaction: one snapshot, and no 20,000 commits.
result=$({ printf '%s\n' "$begin" "$script" "$queries" "$summary" 'COMMIT;'; } | client) ||
  { echo "recount.sh: the client refused a query on $url" >&2; exit 1; }

failed=0 checks=0
while IFS='|' read -r count text rest; do
  case $count in
    '') ;;
    counts)
      IFS='|' read -r paid seats sold held capacity <<<"$rest"
      echo "  recounted: $text orders, $paid paid, $seats seats; sold $sold + held $held of $capacity"
      ;;
    0) checks=$((checks + 1)); echo "  ✓ $text" ;;
    *) checks=$((checks + 1)); failed=$((failed + 1)); echo "  ✗ $text: $count break it" ;;
  esac
done <<<"$result"
[ "$checks" -gt 0 ] || { echo "recount.sh: nothing was recounted" >&2; exit 1; }
echo "  recount: $checks checks, $failed failed"
[ "$failed" = 0 ]
