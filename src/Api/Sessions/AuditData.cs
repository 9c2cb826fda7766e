using System.Text.Json.Serialization;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Sessions;

namespace Agora.Api.Sessions;

internal sealed record AuditData(IReadOnlyList<AuditEntryData> Entries, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit, bool HasMore, string? NextCursor, string? EmptyBecause);

/// <param name="CreatedAt">When a run was asked for; of anything else, when it was answered.</param>
/// <param name="EndedAt">Of a run.</param>
/// <param name="SessionId">Where it is another session than the one that reads; <paramref name="AgentId"/> likewise.</param>
internal sealed record AuditEntryData(
    string Id,
    string Operation,
    string Endpoint,
    string RequestSummary,
    IReadOnlyDictionary<string, string> Request,
    int ResponseStatus,
    DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? EndedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? SessionId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? AgentId)
{
    public static AuditEntryData Of(NamedRow row, OperationTable operations, SessionView reader)
    {
        var (requested, ended, summary) = (AuditTables.RequestedAt(row), AuditTables.EndedAt(row), row.Text("request_summary"));
        var (session, agent) = (row.Text("session_id"), row.OptionalText("agent_id"));
        return new(
            AuditTables.Id(row),
            operations.NameOf(row.Text("operation")),
            row.Text("endpoint"),
            summary,
            AuditSummary.Of(summary),
            (int)row.Number(AuditTables.Status),
            requested,
            ended == requested ? null : ended,
            session == reader.SessionId ? null : session,
            agent == reader.AgentId ? null : agent);
    }
}
