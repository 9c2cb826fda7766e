using Agora.Api.Admin.Headroom;
using Agora.Api.Http;
using Agora.Api.Lists;
using Agora.Core;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;

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

    private static readonly Rejection NotFound = new(Codes.NotFound, "There is no such refusal.");

    public void Map(Routes routes) => routes.Map(Get, Explain);

    private async Task<Reply> Explain(OperatorCall call, string refusalId)
    {
        if (await tables.In(call.Tenant).One(RefusalRows.Refusals, call.Cancel, TableReader.Is("refusal_id", refusalId)) is not { } row)
        {
            return Reply.Refused(NotFound);
        }

        var refused = RefusalRowData.Of(row);
        var node = call.Actor.Roles.Include(Role.Viewer) || refused.Node?.Kind is not ("campaign" or "wallet") ? Node(call, refused) : null; // a sponsor's amounts are its own business
        var now = node is { } where ? (await limits.Of(call, where))?.FirstOrDefault(limit => limit.Limit == refused.Limit && (limit.Kind != "grant" || limit.Id == refused.Node!.Id) && IsOfPart(limit, refused)) : null;
        if (node is { Kind: Kinds.Wallet, Id: var wallet })
        {
            now ??= LimitData.Of(Kinds.Wallet, wallet, "balance", Account.Empty); // nothing ever came in
        }

        var open = node is { } holding ? await holds.Of(holding, call.Now, call.Cancel) : [];
        return Reply.Ok(new RefusalData(
            refused,
            now,
            now is null || refused.AskedCents is not { } asked ? null : now.FreeCents is not { } free || free.Micros >= asked.Micros,
            open,
            Links.Of(("session", Links.To("sessions", refused.SessionId)), ("tree", $"/admin/users/{refused.UserId}/limits"), ("refusals", $"/admin/refusals?session_id={refused.SessionId}")))) with
        {
            NextActions = Lifting.Of(refused, now, call.Now),
        };
    }

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
