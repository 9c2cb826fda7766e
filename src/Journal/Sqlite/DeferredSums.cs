namespace Agora.Journal.Sqlite;

/// <summary>Statements that add to sums by the day what waits up to $0.</summary>
internal static class DeferredSums
{
    public const string OfRuns = """
        INSERT INTO runs_days (tenant, day, kind, id, part, payments, amount_micros, refunded_micros)
        SELECT tenant, day, kind, id, part, sum(sign), sum(sign * amount_micros), sum(sign * refunded_micros) FROM (
          SELECT tenant, settled_at / 86400000000 AS day, '' AS kind, '' AS id, '' AS part, sign, amount_micros, refunded_micros FROM runs_pending WHERE n <= $0 AND payments = 1
          UNION ALL SELECT tenant, settled_at / 86400000000, 'agent_id', agent_id, '', sign, amount_micros, refunded_micros FROM runs_pending WHERE n <= $0 AND payments = 1
          UNION ALL SELECT tenant, settled_at / 86400000000, 'campaign_id', campaign_id, '', sign, amount_micros, refunded_micros FROM runs_pending
            WHERE n <= $0 AND payments = 1 AND campaign_id IS NOT NULL
          UNION ALL SELECT tenant, settled_at / 86400000000, 'service_id', service_id, provider, sign, amount_micros, refunded_micros FROM runs_pending WHERE n <= $0 AND payments = 1
          UNION ALL SELECT tenant, settled_at / 86400000000, 'user_id', user_id, '', sign, amount_micros, refunded_micros FROM runs_pending WHERE n <= $0 AND payments = 1)
        WHERE true GROUP BY 1, 2, 3, 4, 5
        ON CONFLICT (tenant, day, kind, id, part) DO UPDATE SET
          payments = payments + excluded.payments, amount_micros = amount_micros + excluded.amount_micros, refunded_micros = refunded_micros + excluded.refunded_micros
        """;
}
