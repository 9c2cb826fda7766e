using Agora.Api.Approvals;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Approvals;

/// <summary>Runs that wait for their users' approval: operators pass the links on, or decide on a user's word.</summary>
internal sealed class ApprovalAdminEndpoints(IEntities entities, TableReader tables, OperatorLists lists, Catalogues catalogues, IPersonalTexts texts, ApprovalLinks links) : IFeature
{
    private static readonly IReadOnlyList<string> States = [.. Enum.GetValues<ApprovalState>().Select(state => state.Name())];

    public static readonly Operation<ListRequest> List = new(Audience.Operators, "list_approvals", "GET /admin/approvals", "Runs that wait for their user's approval, newest first, each with the link for the user; or those that waited")
    {
        Owners = Role.User,
        Least = Role.Operator, // each has a link that decides it
        GivesSecret = true,
        Read = static call => ListRequest.Read(call, Narrow, hasOffset: true),
        IsList = true,
        Data = typeof(ApprovalsData),
        DataExample = """{"approvals":[{"run_id":"0198c0de-0000-7000-8000-000000000000","session_id":"0198c0de","user_id":"user-1","agent_id":"agent-1","service_id":"summary","payee":null,"max_amount_cents":250,"requested_at":"2030-01-01T00:00:00.000000Z","expires_at":"2030-01-02T00:00:00.000000Z","link":"https://agora.example/approvals/apv_0198c0de-0000-7000-8000-000000000000.0198c0de.1893542400.3q2-7w","state":"pending","decided_at":null,"decided_by":null,"beyond_budget":false}],"offset":0,"total_count":1,"total_count_unknown":null,"limit":50,"has_more":false,"next_cursor":null,"empty_because":null}""",
    };

    public static readonly Operation<DecisionRequest> Decide = new(Audience.Operators, "decide_approval", "POST /admin/approvals/{run_id}", "Approve or deny a run that waits, on the user's word")
    {
        Owners = Role.User,
        Read = DecisionRequest.Read,
        Data = typeof(ApprovalData),
        Codes = [.. AdminFlow.Mutation, Codes.ApprovalDecided, Codes.SessionSuspended, Codes.NotEligible],
        BodyExample = """{"decision":"approve","reason":"The user said so on the phone"}""",
        DataExample = ApprovalData.Example,
    };

    /// <summary>What waits is few, whosever it is.</summary>
    private static readonly ListTable Waits = new(RunTables.Approvals, "requested_at", "state");

    private static readonly ListTable Decided = new(RunTables.Approvals, "requested_at", "session_id", "user_id", "agent_id", "service_id", "state");

    public void Map(Routes routes) => routes.Map(List, ListApprovals).Map(Decide, DecideApproval);

    private static void Narrow(Filters filters) => filters
        .Id("user_id", "Only of this user.").Id("agent_id", "Only of this agent.").Id("service_id", "Only of this service.").Id("session_id", "Only of this session.")
        .State("What came of it; absent: those that wait.", States).Times("requested_at").Amounts("max_amount_micros");

    private Task<Reply> ListApprovals(OperatorCall call, ListRequest asked)
    {
        var state = asked.Filters["state"] ?? ApprovalState.Pending.Name();
        var waits = state == ApprovalState.Pending.Name();
        asked.Filters.Narrow(TableReader.Is("state", state));
        if (waits)
        {
            asked.Filters.Narrow(new Condition("expires_at", Comparison.GreaterThan, call.Now.ToMicros())); // what has expired is pending until its session has seen it
        }

        var source = new ListSource<WaitingData>(waits ? Waits : Decided, row => Waiting(call.Tenant, row), ListReasons.NoApprovals);
        return lists.Answer(call, List, asked, source, approvals => new ApprovalsData(approvals, asked.Offset ?? 0));
    }

    private async Task<Reply> DecideApproval(OperatorCall call, DecisionRequest request)
    {
        if (!PathIds.IsGuid(request.RunId, out var runId)
            || await tables.In(call.Tenant).One(RunTables.Approvals, call.Cancel, TableReader.Is("run_id", runId.ToString("D"))) is not { } row)
        {
            return Reply.Refused(RunRejection.NoApproval);
        }

        var reason = await call.Because(row.Text("user_id"), request.Reason, texts);
        var decide = new RunCommand.DecideApproval(runId, request.Approve, call.Context.Actor!, reason, catalogues.In(call.Tenant).Listed(row.OptionalText("service_id")));
        return await call.Send<LeafCommand, ApprovalGiven>(entities.In(call.Tenant).Session(row.Text("session_id")), decide, ApprovalData.Of);
    }

    private WaitingData Waiting(Tenant tenant, NamedRow row)
    {
        var (runId, sessionId, serviceId) = (row.Text("run_id"), row.Text("session_id"), row.OptionalText("service_id"));
        return new(
            runId, sessionId, row.Text("user_id"), row.Text("agent_id"), serviceId, serviceId is null ? row.Text("payee") : null, new(row.Number("max_amount_micros")),
            row.Time("requested_at"), row.Time("expires_at"), row.Text("state") == ApprovalState.Pending.Name() ? links.Link(tenant, Guid.ParseExact(runId, "D"), sessionId, row.Time("expires_at")) : null,
            row.Text("state"), row.OptionalTime("decided_at"), row.OptionalText("decided_by"), row.OptionalNumber("beyond_budget") == 1);
    }
}

/// <summary>An operator's decision.</summary>
internal sealed record DecisionRequest(string RunId, bool Approve, string? Reason)
{
    public static DecisionRequest Read(Call call) => new(
        call.Id("run_id"),
        Decision.Read(call.Body) == Decision.Approve,
        call.Body.Text("reason", "What the user said, for whoever looks at it later.", Limits.ReasonLength, required: false));
}

internal sealed record ApprovalsData(IReadOnlyList<WaitingData> Approvals, int Offset) : ListData;

/// <param name="ServiceId">The service to be run; null: the agent wants to pay <paramref name="Payee"/>.</param>
/// <param name="BeyondBudget">Its session's budget has no room for it, and is raised by what is missing if the user says yes.</param>
/// <param name="Link">For the user alone: whoever has it can decide. Null: there is nothing to decide any more.</param>
internal sealed record WaitingData(
    string RunId,
    string SessionId,
    string UserId,
    string AgentId,
    string? ServiceId,
    string? Payee,
    Cents MaxAmountCents,
    DateTimeOffset RequestedAt,
    DateTimeOffset ExpiresAt,
    string? Link,
    string State,
    DateTimeOffset? DecidedAt,
    string? DecidedBy,
    bool BeyondBudget);
