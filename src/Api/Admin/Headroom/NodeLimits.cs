using Agora.Application.Calls;
using Agora.Contracts;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Web;

namespace Agora.Api.Admin.Headroom;

/// <summary>The limits of one node of the tree, as they are enforced now.</summary>
internal sealed class NodeLimits(IEntities entities, IRecordedStates recorded)
{
    public static readonly IReadOnlyList<string> Kinds = [Core.Kinds.User, Core.Kinds.Session, Core.Kinds.Campaign, Core.Kinds.Wallet];

    private const string DailyCap = "daily_cap";
    private const string MonthlyCap = "monthly_cap";
    private const string GrantTotal = "grant_total";

    /// <summary>Null: there is no such node.</summary>
    public async Task<IReadOnlyList<LimitData>?> Of(OperatorCall call, StreamId node) => node.Kind switch
    {
        _ when await recorded.Last(node, call.Cancel) == 0 => null, // No id that somebody made up wakes an entity.
        Core.Kinds.User => (await entities.In(call.Tenant).User(node.Id).Send(new UserCommand.Inspect(), call.Fresh())).Reply is UserInspected seen ? OfUser(seen) : null,
        Core.Kinds.Session => await entities.In(call.Tenant).Session(node.Id).Peek(call.Fresh()) is { } session ? [OfSession(session)] : null,
        Core.Kinds.Campaign => (await recorded.Newest(node, call.Cancel))?.State is CampaignState campaign
            ? [LimitData.Of(node.Kind, node.Id, "escrow", campaign.Escrow), LimitData.Of(node.Kind, node.Id, DailyCap, campaign.Day(CampaignState.DayOf(call.Now)))]
            : null,
        Core.Kinds.Wallet => (await recorded.Newest(node, call.Cancel))?.State is WalletState wallet ? [LimitData.Of(node.Kind, node.Id, "balance", wallet.Balance)] : null,
        _ => null,
    };

    /// <summary>A user's grant by its agent, or that under which a session was opened; null: it has none, or another session bounds it.</summary>
    public async Task<GrantView?> GrantOf(OperatorCall call, string userId, string? kind, string? id)
    {
        var own = entities.In(call.Tenant);
        var agentId = kind == "grant" ? id
            : kind == Core.Kinds.Session && await own.Session(id!).Peek(call.Fresh()) is { ParentSessionId: null } session ? session.AgentId
            : null;
        return agentId is not null && (await own.User(userId).Send(new UserCommand.Inspect(), call.Fresh())).Reply is UserInspected seen ? seen.View.Grants.FirstOrDefault(grant => grant.AgentId == agentId) : null;
    }

    public static IReadOnlyList<LimitData> OfUser(UserInspected seen)
    {
        var (view, raise) = (seen.View, seen.Raise);
        return
        [
            LimitData.Of(Core.Kinds.User, view.UserId, DailyCap, null, view.DailyCapMicros, raise is null ? null : (raise.DailyCapMicros, raise.Until), seen.Day),
            LimitData.Of(Core.Kinds.User, view.UserId, MonthlyCap, null, view.MonthlyCapMicros, raise is null ? null : (raise.MonthlyCapMicros, raise.Until), seen.Month),
            .. (seen.Parts ?? []).SelectMany(part => OfPart(view, part)),
            .. view.Grants.Select(grant => OfGrant(seen, grant)),
        ];
    }

    public static LimitData OfGrant(UserInspected seen, GrantView grant)
    {
        var raise = seen.RaiseOf(grant.AgentId);
        return LimitData.Of("grant", grant.AgentId, GrantTotal, null, grant.Grant.TotalLimitMicros, raise is null ? null : (raise.TotalLimitMicros, raise.Until), seen.Grants.FirstOrDefault(spent => spent.AgentId == grant.AgentId)?.Spent);
    }

    public static LimitData OfSession(SessionView session) =>
        LimitData.Of(Core.Kinds.Session, session.SessionId, Core.Kinds.Session, new(session.Budget.LimitMicros, session.Budget.SpentMicros, session.Budget.ReservedMicros));

    private static IEnumerable<LimitData> OfPart(UserView view, PartSpent spent)
    {
        var cap = view.Parts?.FirstOrDefault(cap => cap.Kind == spent.Kind && cap.Name == spent.Name);
        yield return LimitData.Of(Core.Kinds.User, view.UserId, $"{spent.Kind}_{DailyCap}", spent.Name, cap?.DailyCapMicros, null, spent.Day);
        yield return LimitData.Of(Core.Kinds.User, view.UserId, $"{spent.Kind}_{MonthlyCap}", spent.Name, cap?.MonthlyCapMicros, null, spent.Month);
    }
}
