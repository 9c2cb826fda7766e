using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Benchmarks;

/// <summary>Rows of <c>completions</c>, one for each payment, the n-th always the same: by the same users, agents and sessions.</summary>
internal static class CompletionRows
{
    private static readonly TableShape Table = TableShapes.Of(UserTables.Completions);

    public static OwnedUpsert Of(int n)
    {
        var at = PaymentRows.At(n);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["tenant"] = StreamId.DefaultTenant, ["completion_id"] = Ids.Derive(at, new Guid(n, 3, 3, new byte[8]), 0).ToString("D"), ["campaign_id"] = PaymentRows.Campaign(n),
            ["user_id"] = PaymentRows.User(n), ["session_id"] = PaymentRows.Session(n), ["agent_id"] = PaymentRows.Agent(n), ["execution_mode"] = "agent", ["completed_at"] = at.ToMicros(), ["consents"] = "[]",
            ["consent_valid"] = 1L, ["output_command"] = PaymentRows.RunId(n),
        };
        return new(PaymentRows.Stream(n), (n % PaymentRows.RunsOfASession) + 1L, new(Table, [.. Table.Columns.Select(column => values.GetValueOrDefault(column))]));
    }
}
