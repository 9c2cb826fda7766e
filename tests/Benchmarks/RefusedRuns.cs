using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Benchmarks;

/// <summary>Rows of <c>refusals</c>, the n-th always the same: most by a cap of their user's, one in ten by a campaign's money.</summary>
internal static class RefusedRuns
{
    public static readonly TableShape Table = TableShapes.Of(RefusalRows.Refusals);

    public static string Code(int n) => IsCampaigns(n) ? Codes.PaymentRequired : Codes.BudgetExceeded;

    /// <summary>Of one that has refused.</summary>
    public static string Campaign(int n) => PaymentRows.Campaign(n / 10 * 10);

    public static OwnedUpsert Of(int n)
    {
        var at = PaymentRows.At(n);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["tenant"] = StreamId.DefaultTenant, ["refusal_id"] = Ids.Derive(at, new Guid(n, 3, 3, new byte[8]), 0).ToString("D"), ["session_id"] = PaymentRows.Session(n), ["user_id"] = PaymentRows.User(n),
            ["agent_id"] = PaymentRows.Agent(n), ["operation"] = "run_service", ["service_id"] = PaymentRows.Service(n), ["provider"] = PaymentRows.Provider(n), ["code"] = Code(n),
            ["limit_name"] = IsCampaigns(n) ? "escrow" : "daily_cap", ["node_kind"] = IsCampaigns(n) ? "campaign" : "user", ["node_id"] = IsCampaigns(n) ? Campaign(n) : PaymentRows.User(n),
            ["campaign_id"] = IsCampaigns(n) ? Campaign(n) : null, ["asked_micros"] = 250_000L, ["refused_at"] = at.ToMicros(),
        };
        return new(PaymentRows.Stream(n), (n % PaymentRows.RunsOfASession) + 1L, new(Table, [.. Table.Columns.Select(column => values.GetValueOrDefault(column))]));
    }

    private static bool IsCampaigns(int n) => n % 10 == 0;
}
