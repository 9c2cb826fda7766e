using System.Globalization;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Benchmarks;

/// <summary>
/// Rows of <c>runs</c> as payments leave them, the n-th always the same: one a second, of many users, fewer agents, and few services. Most are sponsored at their service's
/// price; one in a thousand is paid by x402, and one in a thousand has an amount of its own.
/// </summary>
internal static class PaymentRows
{
    public const int Users = 100_000, Agents = 1_000, Campaigns = 1_000, Services = 200, Providers = 100, RunsOfASession = 20, Rare = 1_000;

    public static readonly TableShape Table = TableShapes.Of(RunTables.Runs);

    private static readonly DateTimeOffset Began = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static DateTimeOffset At(int n) => Began.AddSeconds(n);

    public static string User(int n) => Name("user", Spread(SessionOf(n), Users));

    public static string Agent(int n) => Name("agent", Spread(SessionOf(n) + 1, Agents));

    public static string Campaign(int n) => Name("campaign", Spread(n, Campaigns));

    /// <summary>Null: by x402.</summary>
    public static string? CampaignPaying(int n) => IsByX402(n) ? null : Campaign(n);

    public static string Payer(int n) => IsByX402(n) ? $"0x{Spread(n, Users):x40}" : Name("Sponsor", Spread(n, Campaigns) / 2);

    public static string Source(int n) => IsByX402(n) ? "x402" : "sponsor";

    public static string? Transaction(int n) => IsByX402(n) ? $"0x{n:x64}" : null;

    /// <summary>Micros.</summary>
    public static long Amount(int n) => n % Rare == Rare - 1 ? 10_000_000L + n : (Spread(n + 2, Services) + 1) * 1_000L;

    public static long SettledAt(int n) => At(n).ToMicros() + 100_000;

    public static string RunId(int n) => Id(n).ToString("D");

    public static string PaymentId(int n) => Ids.Derive(At(n), Id(n), 2).ToString("D");

    public static string Service(int n) => Name("service", Spread(n + 2, Services));

    public static string Provider(int n) => Name("provider", Spread(n + 2, Services) % Providers);

    public static string Session(int n) => new Guid(SessionOf(n), 0x5e55, 0x7000, [0x9a, 0x8b, 0, 0, 0, 0, 0, 0]).ToString("D");

    public static string Stream(int n) => Tenant.Default.Session(Session(n)).ToString();

    public static OwnedUpsert Of(int n) => Of(n, User(n));

    /// <summary>The same of a user who pays this once.</summary>
    public static OwnedUpsert OfStranger(int n) => Of(n, Name("stranger", n));

    private static OwnedUpsert Of(int n, string user)
    {
        var campaign = CampaignPaying(n);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["tenant"] = StreamId.DefaultTenant, ["run_id"] = RunId(n), ["session_id"] = Session(n), ["user_id"] = user, ["agent_id"] = Agent(n),
            ["service_id"] = Service(n), ["campaign_id"] = campaign, ["state"] = "succeeded", ["amount_micros"] = Amount(n),
            ["payment_id"] = PaymentId(n), ["payer"] = Payer(n), ["source"] = Source(n), ["status"] = "posted",
            ["why"] = "The only campaign that covers it and whose task is done.", ["requested_at"] = At(n).ToMicros(), ["settled_at"] = SettledAt(n), ["operation"] = "run_service",
            ["endpoint"] = "POST /agent/services/{service_id}/run", ["request_summary"] = $"service_id={Service(n)}", ["response_status"] = 200L, ["related_party"] = 0L, ["provider"] = Provider(n),
            ["payer_id"] = campaign ?? Payer(n), ["fee_micros"] = 0L, ["tx_hash"] = Transaction(n),
        };
        return new(Stream(n), (n % RunsOfASession) + 1L, new(Table, [.. Table.Columns.Select(column => values.GetValueOrDefault(column))]));
    }

    private static bool IsByX402(int n) => n % Rare == 7;

    private static Guid Id(int n) => Ids.Derive(At(n), new Guid(n, 1, 1, new byte[8]), 0);

    private static int SessionOf(int n) => n / RunsOfASession;

    // Far apart for neighbours, and the same always.
    private static int Spread(int n, int of) => (int)(unchecked((uint)n * 2_654_435_761u) % (uint)of);

    private static string Name(string kind, int n) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{n}");
}
