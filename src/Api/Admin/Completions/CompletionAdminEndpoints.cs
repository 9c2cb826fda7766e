using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core.Access;
using Agora.Core.Users;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Completions;

/// <summary>Tasks that were done for any campaign. Outputs are personal: a campaign's own list opens them, while their consents stand.</summary>
internal sealed class CompletionAdminEndpoints(OperatorLists lists) : IFeature
{
    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_all_completions", "GET /admin/completions", "Tasks that agents have done, for any campaign, newest first")
    {
        ListsIds = ["completion_id"],
        Owners = Role.Sponsor | Role.User,
        Read = static call => ListRequest.Read(call, static filters => filters
            .Id("user_id", "Only of this user.").Id("agent_id", "Only of this agent.").Id("session_id", "Only of this session.").Id("campaign_id", "Only for this campaign.")
            .State("consented: every consent that was asked for stands; withdrawn: one does not.", ["consented", "withdrawn"]).Times("completed_at")),
        IsList = true,
        Data = typeof(AllCompletionsData),
        DataExample = """{"completions":[{"completion_id":"0198c0de-0000-7000-8000-000000000000","campaign_id":"survey","user_id":"user-1","session_id":"0198c0de","agent_id":"agent-1","execution_mode":"agent","state":"consented","completed_at":"2030-01-01T00:00:00.000000Z"}],"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    private static readonly ListSource<CompletionRowData> Completions = new(
        new ListTable(UserTables.Completions, "completed_at", "session_id", "user_id", "agent_id", "campaign_id"), CompletionRowData.Of, ListReasons.NoCompletions);

    public void Map(Routes routes) => routes.Map(List, ListCompletions);

    private Task<Reply> ListCompletions(OperatorCall call, ListRequest asked)
    {
        if (asked.Filters["state"] is { } state)
        {
            asked.Filters.Narrow(TableReader.Is("consent_valid", state == CompletionRowData.Consented ? 1L : 0L));
        }

        return lists.Answer(call, List, asked, Completions, completions => new AllCompletionsData(completions));
    }
}

internal sealed record AllCompletionsData(IReadOnlyList<CompletionRowData> Completions) : ListData;

internal sealed record CompletionRowData(
    string CompletionId, string CampaignId, string UserId, string SessionId, string AgentId, string ExecutionMode, string State, DateTimeOffset CompletedAt)
{
    public const string Consented = "consented";

    public static CompletionRowData Of(NamedRow row) => new(
        row.Text("completion_id"),
        row.Text("campaign_id"),
        row.Text("user_id"),
        row.Text("session_id"),
        row.Text("agent_id"),
        row.Text("execution_mode"),
        row.Number("consent_valid") != 0 ? Consented : "withdrawn",
        row.Time("completed_at"));
}
