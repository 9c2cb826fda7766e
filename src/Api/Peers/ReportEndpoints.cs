using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Conversations;
using Agora.Web;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Peers;

/// <summary>An agent tells operators of another, or of what it said.</summary>
internal sealed class ReportEndpoints(IEntities entities, StoredAgents stored, TableReader tables, ConversationLog log) : IFeature
{
    public static readonly Operation<ReportRequest> File = new(Audience.Peers, "report_agent", "POST /agent/reports", "Report another agent, or a message of it, to operators")
    {
        Read = ReportRequest.Read,
        Peers = static _ => null,
        Status = StatusCodes.Status201Created,
        Codes = [Codes.NotFound, Codes.ValidationFailed, Codes.RateLimited, Codes.IdempotencyConflict, Codes.IdempotencyInFlight],
        Data = typeof(ReportData),
        BodyExample = """{"agent_id":"agent-2","reason":"spam","conversation_id":"0198c0de-0000-7000-8000-000000000001","number":3}""",
        DataExample = ReportData.Example,
    };

    private static readonly Rejection NoMessage = new(Codes.NotFound, "There is no such message of that agent which this one was told.");

    public void Map(Routes routes) => routes.Map(File, FileReport);

    private async Task<Reply> FileReport(PeerCall call, ReportRequest asked)
    {
        if (asked.AgentId == call.AgentId) return Reply.Refused(AgentRejection.IsItself);
        if (!await stored.IsThere(call.Tenant, asked.AgentId!, call.Cancel)) return Reply.Refused(AgentRejection.NotFound);
        if (asked.ConversationId is { } conversation && !await WasTold(call, conversation, asked.Number!.Value, asked.AgentId!))
        {
            return Reply.Refused(NoMessage);
        }

        var command = new AgentCommand.FileReport(asked.AgentId!, asked.Reason!, asked.ConversationId, asked.Number);
        var answer = await entities.In(call.Tenant).Agent(call.AgentId).Send(command, call.Context(Limits.ClientKeyKept), call.Cancel);
        return answer.Rejection is { } refused ? Reply.Refused(refused) : Reply.Created(ReportData.Of(call.AgentId, answer.As<Report>())) with { Replayed = answer.Replayed };
    }

    private async Task<bool> WasTold(PeerCall call, string conversationId, int number, string from)
    {
        if (await tables.In(call.Tenant).One(ConversationTables.Members, call.Cancel, TableReader.Is("agent_id", call.AgentId), TableReader.Is("conversation_id", conversationId)) is null)
        {
            return false;
        }

        var view = (await entities.In(call.Tenant).Conversation(conversationId).Send(new ConversationCommand.Get(call.AgentId), call.Fresh(), call.Cancel)).Reply as ConversationView;
        return view?.You is { } you && you.Hears(number)
            && await log.Find(call.Tenant.Conversation(conversationId), number, call.Cancel) is { Happened: ConversationEvent.Said said } entry && said.From == from && entry.IsHeardBy(call.AgentId);
    }
}

/// <param name="ConversationId">Null: the agent as such is reported.</param>
internal sealed record ReportRequest(string? AgentId, string? Reason, string? ConversationId, int? Number)
{
    public static ReportRequest Read(Call call)
    {
        var body = call.Body;
        var asked = new ReportRequest(
            body.Id("agent_id", "The agent that is reported."),
            body.OneOf("reason", "Why it is reported.", ReportReasons.All, required: true),
            body.Id("conversation_id", "Where it said what is reported; absent: the agent as such is reported.", required: false),
            body.Integer("number", "Of the message that is reported.", 1, int.MaxValue, absent: null));
        if (asked.ConversationId is null != asked.Number is null)
        {
            body.Violate(asked.Number is null ? "number" : "conversation_id", "dependentRequired", "A message is named by its conversation_id and its number.");
        }

        return asked;
    }
}

/// <param name="ReportedBy">The agent that made it.</param>
/// <param name="Outcome">open, acted or dismissed.</param>
internal sealed record ReportData(string ReportId, string ReportedBy, string AgentId, string Reason, string? ConversationId, long? Number, string Outcome, DateTimeOffset CreatedAt, DateTimeOffset? ResolvedAt)
{
    public const string Example = """{"report_id":"0198c0de-0000-7000-8000-000000000003","reported_by":"agent-1","agent_id":"agent-2","reason":"spam","conversation_id":"0198c0de-0000-7000-8000-000000000001","number":3,"outcome":"open","created_at":"2030-01-01T00:00:00.000000Z","resolved_at":null}""";

    public static ReportData Of(string by, Report report) => new(report.ReportId.ToString("D"), by, report.AgentId, report.Reason, report.ConversationId, report.Number, ReportOutcomes.Open, report.At, null);

    public static ReportData Of(NamedRow row) => new(
        row.Text("report_id"), row.Text("reported_by"), row.Text("agent_id"), row.Text("reason"), row.OptionalText("conversation_id"), row.OptionalNumber("number"), row.Text("outcome"), row.Time("created_at"),
        row.OptionalTime("resolved_at"));
}
