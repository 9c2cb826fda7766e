using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Benchmarks;

/// <summary>Rows of <c>approvals</c>, one for each payment, the n-th always the same: all were approved.</summary>
internal static class ApprovalRows
{
    private static readonly TableShape Table = TableShapes.Of(RunTables.Approvals);

    public static OwnedUpsert Of(int n)
    {
        var at = PaymentRows.At(n).ToMicros();
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["tenant"] = StreamId.DefaultTenant, ["run_id"] = PaymentRows.RunId(n), ["session_id"] = PaymentRows.Session(n), ["user_id"] = PaymentRows.User(n), ["agent_id"] = PaymentRows.Agent(n),
            ["service_id"] = PaymentRows.Service(n), ["payee"] = PaymentRows.Provider(n), ["max_amount_micros"] = PaymentRows.Amount(n), ["state"] = "approved", ["requested_at"] = at, ["expires_at"] = at, ["decided_at"] = at, ["decided_by"] = "operator:admin",
        };
        return new(PaymentRows.Stream(n), (n % PaymentRows.RunsOfASession) + 1L, new(Table, [.. Table.Columns.Select(column => values.GetValueOrDefault(column))]));
    }
}
