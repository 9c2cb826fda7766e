using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Wallets;

namespace Agora.Application.Flow;

/// <summary>What could be paid otherwise: by the agent's own wallet, or where too little is left of a limit.</summary>
internal sealed partial class Guide
{
    /// <summary>All that can be done besides the flow, for the one reply that tells all: what waits for the user, a reward that can be held, what the agent's own money would buy, the tree.</summary>
    public async Task Besides(FlowState flow, List<NextAction> actions)
    {
        var waiting = 0;
        for (var i = 0; i < flow.Session.Runs.Count && waiting < Most; i++)
        {
            if (flow.Session.Runs[i] is { State: RunState.AwaitingApproval } run)
            {
                waiting++;
                actions.Add(Actions.GetRun(run.RunId));
            }
        }

        foreach (var task in flow.OpenTasks(Most))
        {
            if (task.Definition.Owner is null && flow.CanClaim(task))
            {
                actions.Add(Actions.ClaimTask(flow, task));
                break;
            }
        }

        if (await Affordable(flow) is { } service)
        {
            actions.Add(Actions.RunFromWallet(flow, service));
        }

        // Of the tree last: it never advances the flow.
        if (flow.CanDelegate)
        {
            actions.Add(Actions.DelegateSession(flow));
        }

        actions.Add(Actions.SessionTree);
    }

    /// <summary>A run that nobody pays: a sponsor would, now or after its task; else the agent's wallet could.</summary>
    public async Task<IReadOnlyList<NextAction>> Pay(FlowState flow, ServiceEntry service)
    {
        var sponsored = await Choose(flow, [service]);
        return service.IsRunnable && !flow.WasDenied(service) && service.Definition.PriceMicros <= Math.Min(flow.LeftFor(service), await Available(flow)) ? [.. sponsored, Actions.RunFromWallet(flow, service)]
            : sponsored.Count > 0 ? sponsored
            : (await Advance(flow)).Actions;
    }

    /// <summary>A run that costs more than is left: what is left buys something else, or another session has a budget of its own.</summary>
    private async Task<IReadOnlyList<NextAction>> Within(FlowState flow, Rejection refusal)
    {
        var offers = await Funded(flow, flow.Offers(Most));
        return
        [
            .. offers.Count > 0 ? offers.Select(o => Actions.RunService(flow, o.Service))
                : flow.Runnable(flow.RemainingMicros).Any(service => !flow.WasDenied(service)) ? [Actions.FindServicesUpTo(flow.RemainingMicros)]
                : Array.Empty<NextAction>(),
            .. AnotherSession(flow, refusal),
            Actions.FlowStatus,
        ];
    }

    /// <summary>Of a reward that cannot be paid now: another task, a run that a sponsor pays, else one that the agent's own wallet does; and where a task is seen that is put later.</summary>
    private async Task<IReadOnlyList<NextAction>> Instead(FlowState flow)
    {
        var tasks = await Taking(flow.OpenTasks(Most), flow);
        var offers = await Funded(flow, flow.Offers(Most));
        IReadOnlyList<NextAction> sponsored = [.. tasks.Select(task => Actions.CompleteTask(flow, task)), .. offers.Select(o => Actions.RunService(flow, o.Service))];
        return
        [
            .. sponsored.Count > 0 ? sponsored.Take(Most) : await Affordable(flow) is { } service ? [Actions.RunFromWallet(flow, service)] : Array.Empty<NextAction>(),
            Actions.ListTasks,
        ];
    }

    /// <summary>Where a session's own budget refused, whoever set it may set another one: of a sub-session the session above, of any other the user's grant, which has room.</summary>
    private static IReadOnlyList<NextAction> AnotherSession(FlowState flow, Rejection refusal) => Exceeded(refusal, flow.Session.SessionId) switch
    {
        null => [],
        { } asked when flow.Session.Path is not null => [Actions.DelegateMore(flow, asked)],
        { } asked => flow.Sponsorship.RemainingMicros >= asked ? [Actions.AuthenticateAgain] : [],
    };

    /// <summary>What was asked of this session's own budget; null: another limit refused.</summary>
    private static long? Exceeded(Rejection refusal, string sessionId) =>
        refusal.FactOf("limit") == NearLimit.OfSession && refusal.Node()?.Id == sessionId && Money.TryParseCents(refusal.FactOf("asked_cents"), out var micros) ? micros : null;

    /// <summary>A service that the wallet and the limits reach for, and that no sponsor pays for now.</summary>
    private async Task<ServiceEntry?> Affordable(FlowState flow)
    {
        var micros = Math.Min(flow.RemainingMicros, await Available(flow));
        return micros <= 0 ? null : flow.Runnable(micros).FirstOrDefault(service => flow.OfferOf(service) is null && !flow.WasDenied(service));
    }

    private async Task<long> Available(FlowState flow) =>
        (await entities.In(flow.Tenant).Wallet(WalletIds.Agent(flow.Session.Grantee)).Ask(new WalletCommand.Get(), Query(flow.Tenant))).Reply is { } wallet ? wallet.AvailableMicros : 0;
}
