using Agora.Testing.Postgres;

namespace Agora.Benchmarks.Postgres;

/// <summary>
/// What one would build instead: a run is one transaction of two guarded updates, a payment and an audit entry. The usual form guards by
/// conditions of the updates, which are looked at before the commit. The fastest form guards by the rows' constraints, so that what
/// would overspend rolls all of it back within one round trip. In both the campaign, on which runs meet, is updated last, so that its
/// lock is held as briefly as can be.
/// </summary>
internal static class PlainDesign
{
    /// <summary>The campaign that all runs share when they are not spread; the others count from 1.</summary>
    public const int Hot = 0;

    public const string UpdateSession = "UPDATE sessions SET spent = spent + $1 WHERE id = $2";
    public const string GuardedSession = UpdateSession + " AND spent + $1 <= spent_limit";
    public const string GuardedCampaign = UpdateCampaign + " AND spent + $1 <= spent_limit";
    public const string InsertPayment = "INSERT INTO payments (run_id, session_id, campaign_id, amount_micros) VALUES ($1, $2, $3, $4)";
    public const string InsertAudit = "INSERT INTO audit (session_id, operation, endpoint, status) VALUES ($1, 'run_service', '/agent/services/{service_id}/run', 200)";
    public const string UpdateCampaign = "UPDATE campaigns SET spent = spent + $1 WHERE id = $2";
    public const long PriceMicros = 10_000;

    /// <summary>Room on each page keeps the updates off the indexes.</summary>
    private const string Tables = """
        CREATE TABLE sessions (id bigint PRIMARY KEY, spent bigint NOT NULL, spent_limit bigint NOT NULL, CHECK (spent <= spent_limit)) WITH (fillfactor = 50);
        CREATE TABLE campaigns (id bigint PRIMARY KEY, spent bigint NOT NULL, spent_limit bigint NOT NULL, CHECK (spent <= spent_limit)) WITH (fillfactor = 10);
        CREATE TABLE payments (run_id uuid PRIMARY KEY, session_id bigint NOT NULL, campaign_id bigint NOT NULL, amount_micros bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
        CREATE TABLE audit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, session_id bigint NOT NULL, operation text NOT NULL, endpoint text NOT NULL, status integer NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
        """;

    public static void Create(string database, int sessions, int campaigns)
    {
        PostgresServer.Execute(database, $"""
            {Tables}
            INSERT INTO sessions SELECT n, 0, 1000000000000000 FROM generate_series(0, {sessions - 1}) n;
            INSERT INTO campaigns SELECT n, 0, 1000000000000000 FROM generate_series(0, {campaigns}) n;
            """);
        PostgresServer.Execute(database, "VACUUM ANALYZE");
    }

    /// <summary>Runs that are there, when each of them has its payment, its audit entry, and its price in its session and its campaign.</summary>
    public static long Runs(string database)
    {
        long Count(string sql) => PostgresServer.Scalar<long>(database, sql);
        var runs = Count("SELECT count(*) FROM payments");
        return runs == Count("SELECT count(*) FROM audit") && runs * PriceMicros == Count("SELECT sum(spent)::bigint FROM sessions") && runs * PriceMicros == Count("SELECT sum(spent)::bigint FROM campaigns")
            ? runs
            : throw new InvalidOperationException("The plain design's tables do not agree.");
    }

    /// <summary>The campaign of a session when runs are spread.</summary>
    public static int CampaignOf(int session, int campaigns) => 1 + (session % campaigns);

    /// <summary>The same as a script of pgbench, which makes the ids of runs in the server.</summary>
    public static string Script(int sessions, int campaigns, bool hot) => string.Join(
        "\n",
        $"\\set session random(0, {sessions - 1})",
        hot ? $"\\set campaign {Hot}" : $"\\set campaign 1 + :session % {campaigns}",
        "\\startpipeline",
        Filled(UpdateSession, $"{PriceMicros}", ":session"),
        Filled(InsertPayment, "gen_random_uuid()", ":session", ":campaign", $"{PriceMicros}"),
        Filled(InsertAudit, ":session"),
        Filled(UpdateCampaign, $"{PriceMicros}", ":campaign"),
        "\\endpipeline\n");

    private static string Filled(string sql, params string[] values) =>
        values.Index().Aggregate(sql, (text, value) => text.Replace($"${value.Index + 1}", value.Item, StringComparison.Ordinal)) + ";";
}
