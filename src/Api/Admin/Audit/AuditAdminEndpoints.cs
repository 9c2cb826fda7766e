using Agora.Api.Sessions;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Audit;

/// <summary>What agents did, of all sessions.</summary>
internal sealed class AuditAdminEndpoints(OperatorLists lists, OperationTable operations) : IFeature
{
    private readonly ListSource<AuditRowData> _entries = new(AuditTables.All, row => AuditRowData.Of(row, operations), ListReasons.NoCalls);

    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_audit", "GET /admin/audit", "What agents did, runs among it, newest first")
    {
        Owners = Role.Principal,
        Read = static call => ListRequest.Read(call, static filters => filters
            .Id("user_id", "Only for this user.").Id("agent_id", "Only of this agent.").Id("session_id", "Only of this session.")
            .Text("operation", "Only this operation, such as run_service.").Status(AuditTables.Status, "Only what was answered with this status.").Times(AuditTables.Time)),
        IsList = true,
        Data = typeof(AuditRowsData),
        DataExample = $$"""{"entries":[{{AuditRowData.Example}}],"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    public void Map(Routes routes) => routes.Map(List, ListAudit);

    private Task<Reply> ListAudit(OperatorCall call, ListRequest asked)
    {
        asked.Filters.As(AuditTables.Operation, operations.StoredNameOf);
        return lists.Answer(call, List, asked, _entries, static entries => new AuditRowsData(entries));
    }
}

internal sealed record AuditRowsData(IReadOnlyList<AuditRowData> Entries) : ListData;

/// <param name="Id">Of a run, its own.</param>
/// <param name="UserId">Null in rows that a server of before 0.6.0 wrote, until a rebuild; <paramref name="AgentId"/> likewise.</param>
/// <param name="ExecutionMode">human: an operator did it, or a person in a chat.</param>
internal sealed record AuditRowData(
    string Id,
    DateTimeOffset EndedAt,
    string SessionId,
    string? UserId,
    string? AgentId,
    string Operation,
    string Endpoint,
    IReadOnlyDictionary<string, string> RequestSummary,
    int ResponseStatus,
    string ExecutionMode)
{
    public const string Example =
        """{"id":"0198c0de-0000-7000-8000-000000000000","ended_at":"2030-01-01T00:00:01.000000Z","session_id":"0198c0de","user_id":"user-1","agent_id":"agent-1","operation":"run_service","endpoint":"POST /agent/services/{service_id}/run","request_summary":{"service_id":"summary"},"response_status":200,"execution_mode":"agent"}""";

    public static AuditRowData Of(NamedRow row, OperationTable operations) => new(
        AuditTables.Id(row),
        AuditTables.EndedAt(row),
        row.Text("session_id"),
        row.OptionalText("user_id"),
        row.OptionalText("agent_id"),
        operations.NameOf(row.Text("operation")),
        row.Text("endpoint"),
        AuditSummary.Of(row.Text("request_summary")),
        (int)row.Number(AuditTables.Status),
        IsOfPeople(row.Text("endpoint")) ? "human" : "agent");

    private static bool IsOfPeople(string endpoint) => endpoint.Contains(" /admin/", StringComparison.Ordinal) || endpoint.Contains(" /gpt/", StringComparison.Ordinal);
}
