using Agora.Api.Runs;
using Agora.Api.Wallets;
using Agora.Application.Reading;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Journal;
using Agora.Web.Lists;

namespace Agora.Api.Sessions;

/// <summary>
/// The audit of agents: the rows of table <c>audit</c>, and those of <c>runs</c>, of which each is receipt and audit entry both. They are one list by the time of the
/// answer, for a run by its end: what is added later stands before whoever reads on.
/// </summary>
internal static class AuditTables
{
    /// <summary>The time as filters name it: each table has it in a column of its own.</summary>
    public const string Time = "ended_at";

    public const string Status = "response_status";

    public const string Operation = "operation";
    private const string FailureCode = "failure_code";
    private const long Succeeded = 200;

    private static readonly ListTable Calls = new(SessionTables.Audit, "created_at", "session_id", "user_id", "agent_id", Operation, Status)
    {
        Narrow = where => By("created_at", where),
    };

    private static readonly ListTable Runs = new(RunTables.Runs, "settled_at", "session_id", "user_id", "agent_id", "service_id", FailureCode)
    {
        Narrow = where => OfRuns(where) is { } runs ? By("settled_at", runs) : null,
    };

    public static IReadOnlyList<ListTable> All { get; } = [Calls, Runs];

    /// <summary>A run was asked for then; anything else is answered at once.</summary>
    public static DateTimeOffset RequestedAt(NamedRow row) => row.Time(row.Table == RunTables.Runs.Name ? "requested_at" : "created_at");

    public static DateTimeOffset EndedAt(NamedRow row) => row.Time(row.Table == RunTables.Runs.Name ? "settled_at" : "created_at");

    public static string Id(NamedRow row) => row.Text(row.Table == RunTables.Runs.Name ? "run_id" : "audit_id");

    private static IReadOnlyList<Condition> By(string column, IReadOnlyList<Condition> where) => [.. where.Select(one => one.Column == Time ? one with { Column = column } : one)];

    /// <summary>Runs have no order by operation or status: there are two operations, of which one has no service, and what did not succeed has an index.</summary>
    private static IReadOnlyList<Condition>? OfRuns(IReadOnlyList<Condition> where)
    {
        if (where.FirstOrDefault(one => one.Column == Operation)?.Value is string operation)
        {
            Comparison? service = operation == WalletEndpoints.Transfer.StoredName ? Comparison.Equal : operation == RunEndpoints.Run.StoredName ? Comparison.NotEqual : null;
            if (service is not { } compared) return null;

            where = [.. where.Where(one => one.Column != Operation), new("service_id", compared, "")];
        }

        return where.FirstOrDefault(one => one.Column == Status)?.Value is long status && status != Succeeded
            ? [.. where, new(FailureCode, Comparison.NotEqual, null)]
            : where;
    }
}
