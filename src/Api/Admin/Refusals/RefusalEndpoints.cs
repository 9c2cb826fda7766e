using Agora.Api.Admin.Headroom;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Journal;
using Agora.Web;
using Agora.Web.Lists;

namespace Agora.Api.Admin.Refusals;

/// <summary>Why one run was refused: by which limit, what holds that, what would pass now, and which act lifts it.</summary>
internal sealed class RefusalEndpoints(TableReader tables, NodeLimits limits, OpenHolds holds) : IFeature
{
    public static readonly Operation<string> Get = new(Audience.Operators, "get_refusal", "GET /admin/refusals/{refusal_id}", "Why a run was refused: the limit as it is now, what holds it, and the acts that lift it")
    {
        Owners = Role.User,
        Read = static call => call.Id("refusal_id"),
        Data = typeof(RefusalData),
        Codes = [Codes.NotFound],
        DataExample = $$$"""{"refusal":{{{RefusalRowData.Example}}},"limit_now":{{{LimitData.Example}}},"passes_now":false,"holds":[{{{HoldData.Example}}}],"links":{"session":"/admin/sessions/0198c0de","tree":"/admin/users/user-1/limits","refusals":"/admin/refusals?session_id=0198c0de"}}""",
    };

    private const string Approval = "approval";

    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such refusal.");

    private static readonly string Pending = ApprovalState.Pending.Name();

    public void Map(Routes routes) => routes.Map(Get, Explain);

    private async Task<Reply> Explain(OperatorCall call, string refusalId)
    {
        if (await tables.In(call.Tenant).One(RefusalRows.Refusals, call.Cancel, TableReader.Is("refusal_id", refusalId)) is not { } row)
        {
            return Reply.Refused(NotFound);
        }

        var (refused, asked) = (RefusalRowData.Of(row), await Asked(call, row));
        var by = refused.Limit == Approval && asked?.OptionalNumber("beyond_budget") == 1 ? refused with { Node = new(Kinds.Session, refused.SessionId), Limit = Kinds.Session } : refused; // it was asked for want of room
        var node = call.Actor.Roles.Include(Role.Viewer) || by.Node?.Kind is not ("campaign" or "wallet") ? Node(call, by) : null; // a sponsor's amounts are its own business
        var now = node is { } where ? (await limits.Of(call, where))?.FirstOrDefault(limit => limit.Limit == by.Limit && (limit.Kind != "grant" || limit.Id == by.Node!.Id) && IsOfPart(limit, by)) : null;
        if (node is { Kind: Kinds.Wallet, Id: var wallet })
        {
            now ??= LimitData.Of(Kinds.Wallet, wallet, "balance", Account.Empty); // nothing ever came in
        }

        var (open, grant) = (node is { } holding ? await holds.Of(holding, call.Now, call.Cancel) : [], await limits.GrantOf(call, by.UserId, by.Node?.Kind, by.Node?.Id));
        return Reply.Ok(new RefusalData(
            refused,
            now,
            Passes(by, now, grant),
            open,
            Links.Of(("session", Links.To("sessions", refused.SessionId)), ("tree", $"/admin/users/{refused.UserId}/limits"), ("refusals", $"/admin/refusals?session_id={refused.SessionId}"), ("approvals", Approvals(asked))))) with
        {
            NextActions = Lifting.Of(by, now, grant, call.Now),
        };
    }

    /// <summary>What its user was asked: about this run, or, while it waits, whether the session's budget is raised. Null: nothing.</summary>
    private async Task<NamedRow?> Asked(OperatorCall call, NamedRow refused)
    {
        var own = tables.In(call.Tenant);
        if (refused.OptionalText("run_id") is { } runId && await own.One(RunTables.Approvals, call.Cancel, TableReader.Is("run_id", runId)) is { } asked)
        {
            return asked;
        }

        if (refused.OptionalText("limit_name") != Kinds.Session) return null;

        return await own.First(
            RunTables.Approvals, [new("requested_at", Descending: true)],
            [TableReader.Is("session_id", refused.Text("node_id")), TableReader.Is("state", Pending), TableReader.Is("beyond_budget", 1L), new("expires_at", Comparison.GreaterThan, call.Now.ToMicros())], 1, call.Cancel) is [var waits] ? waits : null;
    }

    /// <summary>A user finds its own by its filter.</summary>
    private static string? Approvals(NamedRow? asked) => asked is not { } row ? null
        : $"/admin/approvals?user_id={row.Text("user_id")}&session_id={row.Text("session_id")}{(row.Text("state") is var state && state == Pending ? "" : $"&state={state}")}";

    private static bool? Passes(RefusalRowData refused, LimitData? now, GrantView? grant) => refused.AskedCents is not { } asked ? null
        : refused.Limit == Approval ? grant is null ? null : !(grant.Grant.ApprovalAboveMicros < asked.Micros)
        : now is null ? null : now.FreeCents is not { } free || free.Micros >= asked.Micros;

    // A grant's limits stand with its user's.
    private static StreamId? Node(OperatorCall call, RefusalRowData refused) => refused.Node is not { } node ? null
        : new StreamId(call.Tenant.Name, node.Kind == "grant" ? Kinds.User : node.Kind, node.Kind == "grant" ? refused.UserId : node.Id);

    // Of a category the row does not say which: the one that has least is shown.
    private static bool IsOfPart(LimitData limit, RefusalRowData refused) => limit.Part is null || limit.Part == refused.ServiceId || limit.Limit.StartsWith("category", StringComparison.Ordinal);
}

/// <param name="LimitNow">The limit that refused, as it is enforced now; null: none is named, or it is not there any more.</param>
/// <param name="PassesNow">The same would pass this limit now; null: nobody can say.</param>
/// <param name="Holds">What is held at the same place, the oldest first.</param>
internal sealed record RefusalData(RefusalRowData Refusal, LimitData? LimitNow, bool? PassesNow, IReadOnlyList<HoldData> Holds, IReadOnlyDictionary<string, string> Links);
