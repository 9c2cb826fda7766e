using Agora.Api.Conversations;
using Agora.Api.Peers;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Journal;
using Agora.Web;

namespace Agora.Api.Admin.Reports;

/// <summary>What agents report: operators look at it, and say what came of it. A message is shown as its conversation has it: one that is sealed for its recipients stays so, one that was erased is gone.</summary>
internal sealed class ReportAdminEndpoints(IEntities entities, TableReader tables, ConversationLog log) : IFeature
{
    public static readonly Operation<(string? Outcome, Page Page)> List = new(Audience.Operators, "list_reports", "GET /admin/reports", "What agents reported, newest first")
    {
        ListsIds = ["report_id"],
        Read = static call => (call.Query.OneOf("outcome", "Only reports of which this came; absent: all.", [ReportOutcomes.Open, .. ReportOutcomes.All]), call.Query.Page()),
        Data = typeof(ReportsData),
        DataExample = $$"""{"reports":[{{ReportData.Example}}],"total_count":1,"total_count_unknown":null,"offset":0,"limit":50}""",
    };

    public static readonly Operation<string> Get = new(Audience.Operators, "get_report", "GET /admin/reports/{report_id}", "A report, and the message that it is about")
    {
        Least = Role.Operator, // it shows what was said
        Read = static call => call.Id("report_id"),
        Codes = [Codes.NotFound],
        Data = typeof(ReportedData),
        DataExample = $$"""{"report":{{ReportData.Example}},"message":{{InboxEntryData.Example}}}""",
    };

    public static readonly Operation<(string ReportId, string? Outcome, string Reason)> Resolve = new(Audience.Operators, "resolve_report", "POST /admin/reports/{report_id}/resolve", "Say what came of a report")
    {
        Read = static call => (call.Id("report_id"), call.Body.OneOf("outcome", "What came of it.", ReportOutcomes.All, required: true), AdminFlow.Reason(call)),
        Codes = AdminFlow.Mutation,
        Data = typeof(ResolvedReportData),
        BodyExample = """{"outcome":"acted","reason":"The agent was stopped"}""",
        DataExample = """{"report_id":"0198c0de-0000-7000-8000-000000000003","outcome":"acted","resolved_at":"2030-01-01T00:00:00.000000Z"}""",
    };

    public void Map(Routes routes) => routes.Map(List, ListReports).Map(Get, GetReport).Map(Resolve, ResolveReport);

    private async Task<Reply> ListReports(OperatorCall call, (string? Outcome, Page Page) asked)
    {
        Condition[] where = asked.Outcome is { } outcome ? [TableReader.Is("outcome", outcome)] : [];
        var (rows, total) = await tables.In(call.Tenant).Page(AgentTables.Reports, asked.Page, [new("created_at", Descending: true), new("report_id", Descending: true)], call.Cancel, where);
        return Reply.Ok(new ReportsData([.. rows.Select(ReportData.Of)], total.Number, total.Unknown(call.Words), asked.Page.Offset, asked.Page.Limit));
    }

    private async Task<Reply> GetReport(OperatorCall call, string id)
    {
        if (await Find(call, id) is not { } row) return Reply.Refused(AgentRejection.NoReport);

        var report = ReportData.Of(row);
        var entry = report is { ConversationId: { } conversation, Number: { } number } ? await log.Find(call.Tenant.Conversation(conversation), number, call.Cancel) : null;
        return Reply.Ok(new ReportedData(report, entry is null ? null : InboxEntryData.Of(entry))) with { UntrustedFields = Untrusted };
    }

    private async Task<Reply> ResolveReport(OperatorCall call, (string ReportId, string? Outcome, string Reason) asked)
    {
        if (await Find(call, asked.ReportId) is not { } row) return Reply.Refused(AgentRejection.NoReport);

        _ = call.Because(asked.Reason);
        return await call.Send<AgentCommand, ReportResolved>(
            entities.In(call.Tenant).Agent(row.Text("reported_by")), new AgentCommand.ResolveReport(Guid.Parse(row.Text("report_id")), asked.Outcome!), ResolvedReportData.Of);
    }

    private async Task<NamedRow?> Find(OperatorCall call, string id) =>
        PathIds.IsGuid(id, out var report) ? await tables.In(call.Tenant).One(AgentTables.Reports, call.Cancel, TableReader.Is("report_id", report.ToString("D"))) : null;

    private static readonly IReadOnlyList<string> Untrusted = ["data.message.message_id", "data.message.content_type", "data.message.content", "data.message.reply_to"];
}

internal sealed record ReportsData(IReadOnlyList<ReportData> Reports, long? TotalCount, string? TotalCountUnknown, int Offset, int Limit);

/// <param name="Message">Null: the agent as such was reported.</param>
internal sealed record ReportedData(ReportData Report, InboxEntryData? Message);

internal sealed record ResolvedReportData(string ReportId, string Outcome, DateTimeOffset ResolvedAt)
{
    public static ResolvedReportData Of(ReportResolved resolved) => new(resolved.Report.ReportId.ToString("D"), resolved.Outcome, resolved.At);
}
