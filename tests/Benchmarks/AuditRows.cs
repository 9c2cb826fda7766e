using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Benchmarks;

/// <summary>Rows of <c>audit</c> as the calls of sessions leave them beside their runs, the n-th always the same: mostly reads, one in a hundred refused.</summary>
internal static class AuditRows
{
    public static readonly TableShape Table = TableShapes.Of(SessionTables.Audit);

    private static readonly (string Name, string Endpoint)[] Operations =
        [("find_services", "GET /agent/services"), ("list_tasks", "GET /agent/tasks"), ("flow_status", "GET /agent/flow/status"), ("get_run", "GET /agent/runs/{run_id}"), ("do_task", "POST /agent/tasks/{campaign_id}/complete")];

    public static string Operation(int n) => Operations[n % Operations.Length].Name;

    public static long Status(int n) => n % 100 == 99 ? 403 : 200;

    public static OwnedUpsert Of(int n)
    {
        var (name, endpoint) = Operations[n % Operations.Length];
        var at = PaymentRows.At(n);
        var values = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["tenant"] = StreamId.DefaultTenant, ["audit_id"] = Ids.Derive(at, new Guid(n, 2, 2, new byte[8]), 0).ToString("D"), ["session_id"] = PaymentRows.Session(n), ["operation"] = name,
            ["endpoint"] = endpoint, ["request_summary"] = "", ["response_status"] = Status(n), ["created_at"] = at.ToMicros(), ["agent_id"] = PaymentRows.Agent(n), ["user_id"] = PaymentRows.User(n),
        };
        return new(PaymentRows.Stream(n), (n % PaymentRows.RunsOfASession) + 1L, new(Table, [.. Table.Columns.Select(column => values.GetValueOrDefault(column))]));
    }
}
