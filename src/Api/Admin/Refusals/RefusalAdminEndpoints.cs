using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Runs;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Refusals;

/// <summary>Runs, and payments to other wallets, that were refused before they began. What an agent asked wrongly is none: the audit has it.</summary>
internal sealed class RefusalAdminEndpoints(OperatorLists lists, TableReader tables) : IFeature
{
    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_refusals", "GET /admin/refusals", "Runs and transfers that were refused, by which limit and code, newest first")
    {
        ListsIds = ["refusal_id"],
        Owners = Roles.Owners,
        Read = static call => ListRequest.Read(call, static filters => filters
            .Id("user_id", "Only for this user.").Id("agent_id", "Only of this agent.").Id("session_id", "Only of this session.").Id("run_id", "Only of this run, which may have been asked for again.").Id("campaign_id", "Only what a limit of this campaign refused.")
            .Id("service_id", "Only of this service.").OneOf("code", "Only with this code.", [.. Web.Refusals.AllCodes]).Times("refused_at").Amounts("asked_micros")),
        IsList = true,
        Data = typeof(RefusalsData),
        DataExample = $$"""{"refusals":[{{RefusalRowData.Example}}],"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    public static readonly ListTable Rows = new(RefusalRows.Refusals, "refused_at", "session_id", "user_id", "campaign_id", "agent_id", "service_id", "code");

    private static readonly ListSource<RefusalRowData> Refusals = new(Rows, RefusalRowData.Of, ListReasons.NoRefusals);

    public void Map(Routes routes) => routes.Map(List, ListRefusals);

    private async Task<Reply> ListRefusals(OperatorCall call, ListRequest asked)
    {
        if (asked.Filters["run_id"] is { } runId)
        {
            // Refusals have an order by session, not by run; a run that was refused has its row.
            var run = await tables.In(call.Tenant).One(RunTables.Runs, call.Cancel, TableReader.Is("run_id", runId));
            asked.Filters.Narrow(TableReader.Is("session_id", run?.Text("session_id") ?? ""));
        }

        return await lists.Answer(call, List, asked, Refusals, static refusals => new RefusalsData(refusals));
    }
}

internal sealed record RefusalsData(IReadOnlyList<RefusalRowData> Refusals) : ListData;

/// <param name="RefusalId">Its entry's in the audit; of a run that was begun, no run's.</param>
/// <param name="RunId">Null: the session itself refused, and no run was begun.</param>
/// <param name="ServiceId">Null: it would have paid <paramref name="Provider"/>, and run nothing.</param>
internal sealed record RefusalRowData(
    string RefusalId,
    DateTimeOffset RefusedAt,
    string? RunId,
    string SessionId,
    string UserId,
    string AgentId,
    string Operation,
    string? ServiceId,
    string? Provider,
    string? CampaignId,
    string Code,
    string? Limit,
    RefusingNodeData? Node,
    Cents? AskedCents,
    Cents? FreeCents)
{
    public const string Example =
        """{"refusal_id":"0198c0de-0000-7000-8000-000000000000","refused_at":"2030-01-01T00:00:00.000000Z","run_id":"0198c0de-0000-7000-8000-000000000001","session_id":"0198c0de","user_id":"user-1","agent_id":"agent-1","operation":"run_service","service_id":"summary","provider":"text-provider","campaign_id":null,"code":"budget_exceeded","limit":"daily_cap","node":{"kind":"user","id":"user-1"},"asked_cents":25,"free_cents":10}""";

    public static RefusalRowData Of(NamedRow row) => new(
        row.Text("refusal_id"),
        row.Time("refused_at"),
        row.OptionalText("run_id"),
        row.Text("session_id"),
        row.Text("user_id"),
        row.Text("agent_id"),
        row.Text("operation"),
        row.OptionalText("service_id"),
        row.OptionalText("provider"),
        row.OptionalText("campaign_id"),
        row.Text("code"),
        row.OptionalText("limit_name"),
        row.OptionalText("node_kind") is { } kind ? new(kind, row.Text("node_id")) : null,
        Cents.Of(row.OptionalNumber("asked_micros")),
        Cents.Of(row.OptionalNumber("free_micros")));
}

/// <summary>Whose limit it is.</summary>
internal sealed record RefusingNodeData(string Kind, string Id);
