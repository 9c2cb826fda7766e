using System.Globalization;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Benchmarks;

/// <summary>Rows of <c>runs</c> as sponsored payments leave them, the n-th always the same: one a second, of many users, fewer agents, and few services.</summary>
internal static class PaymentRows
{
    public const int Users = 100_000, Agents = 1_000, Campaigns = 1_000, Services = 200, Providers = 100, RunsOfASession = 20;

    public static readonly TableShape Table = TableShapes.Of(RunTables.Runs);

    private static readonly DateTimeOffset Began = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset At(int n) => Began.AddSeconds(n);

    public static string User(int n) => Name("user", Spread(SessionOf(n), Users));

    public static string Agent(int n) => Name("agent", Spread(SessionOf(n) + 1, Agents));

    public static string Campaign(int n) => Name("campaign", Spread(n, Campaigns));

    public static string Service(int n) => Name("service", Spread(n + 2, Services));

    public static string Provider(int n) => Name("provider", Spread(n + 2, Services) % Providers);

    public static string Session(int n) => new Guid(SessionOf(n), 0x5e55, 0x7000, [0x9a, 0x8b, 0, 0, 0, 0, 0, 0]).ToString("D");

    public static string Stream(int n) => Tenant.Default.Session(Session(n)).ToString();

    public static OwnedUpsert Of(int n)
    {
        var (id, at, campaign) = (Ids.Derive(At(n), new Guid(n, 1, 1, new byte[8]), 0), At(n).ToMicros(), Campaign(n));
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["tenant"] = StreamId.DefaultTenant, ["run_id"] = id.ToString("D"), ["session_id"] = Session(n), ["user_id"] = User(n), ["agent_id"] = Agent(n),
            ["service_id"] = Service(n), ["campaign_id"] = campaign, ["state"] = "succeeded", ["amount_micros"] = 250_000L,
            ["payment_id"] = Ids.Derive(At(n), id, 2).ToString("D"), ["payer"] = "A sponsor's name", ["source"] = "sponsor", ["status"] = "posted",
            ["why"] = "The only campaign that covers it and whose task is done.", ["requested_at"] = at, ["settled_at"] = at + 100_000, ["operation"] = "run_service",
            ["endpoint"] = $"/agent/services/{Service(n)}/run", ["request_summary"] = "input", ["response_status"] = 200L, ["related_party"] = 0L, ["provider"] = Provider(n),
            ["payer_id"] = campaign, ["fee_micros"] = 0L,
        };
        return new(Stream(n), (n % RunsOfASession) + 1L, new(Table, [.. Table.Columns.Select(column => values.GetValueOrDefault(column))]));
    }

    private static int SessionOf(int n) => n / RunsOfASession;

    // Far apart for neighbours, and the same always.
    private static int Spread(int n, int of) => (int)(unchecked((uint)n * 2_654_435_761u) % (uint)of);

    private static string Name(string kind, int n) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{n}");
}
