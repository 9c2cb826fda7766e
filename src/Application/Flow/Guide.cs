using Agora.Application.Calls;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Clocks;
using Microsoft.Extensions.Logging;

namespace Agora.Application.Flow;

/// <summary>
/// Says what can be done next: the action that advances the flow first, only what would now succeed. Advice is never worth an answer:
/// where an owner does not answer in time the reply goes out without it.
/// </summary>
internal sealed partial class Guide(IEntities entities, SessionCalls sessions, Catalogues catalogues, OfferedBodies bodies, TenantTimes times, ILogger<Guide> log)
{
    /// <summary>Actions of one kind in a reply.</summary>
    public const int Most = 3;

    public static string Name(FlowStep step) => step switch
    {
        FlowStep.FindService => "find_service",
        FlowStep.DoTask => "do_task",
        FlowStep.RunService => "run_service",
        _ => "done",
    };

    public async Task<FlowState> Read(Tenant tenant, SessionView session)
    {
        var user = entities.In(tenant).User(session.UserId);
        var sponsorship = user.Send(new UserCommand.GetSponsorship(session.Grantee, WithProfile: true), Query(tenant));
        var above = await LeastAbove(tenant, session);
        var completed = Known(await sponsorship);
        var profile = completed.Known is { } known ? known.Profile : ((await user.Send(new UserCommand.Get(), Query(tenant))).Reply as UserView)?.Profile;
        var attributes = profile?.Read<Profile>()?.Attributes;
        return new(tenant, session, completed, Least(above, completed), attributes, catalogues.In(tenant), bodies, times.Now(tenant));
    }

    private static Sponsorship Known(Answer answer) => answer.Reply as Sponsorship ?? new Sponsorship([]);

    private static long Least(long above, Sponsorship sponsorship) => Math.Min(above, sponsorship.RemainingMicros ?? long.MaxValue);

    /// <summary>Campaigns whose task the session's user has completed; none of a session that is not there.</summary>
    public async Task<IReadOnlySet<string>> Completed(AgentCaller caller)
    {
        var sponsorship = await sessions.User(caller) is { } userId ? (await entities.In(caller.Tenant).User(userId).Send(new UserCommand.GetSponsorship(null), Query(caller.Tenant))).Reply as Sponsorship : null;
        return (sponsorship?.Completed ?? []).Select(done => done.CampaignId).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What is left of the session's own budget and of those above it.</summary>
    private ValueTask<long> LeastAbove(Tenant tenant, SessionView session) => session.Path is { } path ? LeastOf(tenant, session, path) : new(session.Budget.RemainingMicros);

    private async ValueTask<long> LeastOf(Tenant tenant, SessionView session, IReadOnlyList<PathNode> path)
    {
        var above = await Task.WhenAll(path.Select(node => entities.In(tenant).Session(node.SessionId).Peek(Query(tenant))));
        return above.Select(a => a?.Budget.RemainingMicros ?? 0).Append(session.Budget.RemainingMicros).Min();
    }

    /// <summary>After a reply that leaves the flow where it was: all that can be done is told in one place, and once.</summary>
    public static readonly Task<IReadOnlyList<NextAction>> Onward = Task.FromResult<IReadOnlyList<NextAction>>([Actions.FlowStatus]);

    /// <summary>Where a task is not done.</summary>
    public static readonly Task<IReadOnlyList<NextAction>> Elsewhere = Task.FromResult<IReadOnlyList<NextAction>>([Actions.FindServices, Actions.ListTasks]);

    /// <summary>By the flow's step.</summary>
    /// <param name="known">The flow's offers, where they are known already, <see cref="Most"/> or more of them.</param>
    public async Task<(FlowStep Step, IReadOnlyList<NextAction> Actions)> Advance(FlowState flow, IReadOnlyList<RunOffer>? known = null)
    {
        var offers = await Funded(flow, known is { Count: <= Most } ? known : [.. known?.Take(Most) ?? flow.Offers(Most)]);
        var tasks = flow.IsPastTasks(offers) ? [] : await Taking(flow.OpenTasks(Most), flow);
        var step = flow.StepNow(offers, tasks);
        return (step, step switch
        {
            FlowStep.Done or FlowStep.RunService => [.. offers.Select(o => Actions.RunService(flow, o.Service)), Actions.FindServices],
            FlowStep.DoTask => [.. tasks.Select(task => Actions.CompleteTask(flow, task)), Actions.FindServices],
            _ => [Actions.FindServices],
        });
    }

    /// <summary>After auth: a service is to be chosen before the task that pays for it.</summary>
    public async Task<IReadOnlyList<NextAction>> Begin(FlowState flow)
    {
        var (step, actions) = await Advance(flow);
        return step == FlowStep.RunService ? actions : [Actions.FindServices];
    }

    /// <summary>After a search: run what can be run, else do the task that would pay for the best hit.</summary>
    public async Task<IReadOnlyList<NextAction>> Choose(FlowState flow, IReadOnlyList<ServiceEntry> services)
    {
        var (offers, tasks) = (new List<RunOffer>(Most), new List<CampaignEntry>(Most));
        for (var i = 0; i < services.Count && (offers.Count < Most || tasks.Count < Most); i++)
        {
            if (offers.Count < Most && flow.OfferOf(services[i]) is { } offer)
            {
                offers.Add(offer);
            }

            var sponsors = flow.Catalogue.SponsorsOf(services[i]);
            for (var j = 0; j < sponsors.Count && tasks.Count < Most; j++)
            {
                if (flow.CanDo(sponsors[j]) && !tasks.Contains(sponsors[j]))
                {
                    tasks.Add(sponsors[j]);
                }
            }
        }

        var actions = new List<NextAction>(2 * Most);
        foreach (var offer in await Funded(flow, offers))
        {
            actions.Add(Actions.RunService(flow, offer.Service));
        }

        foreach (var task in await Taking(tasks, flow))
        {
            actions.Add(Actions.GetTask(task.CampaignId));
        }

        return actions;
    }

    /// <summary>A task's own reply: do it, where that is possible, or have its reward held first.</summary>
    /// <param name="owner">Of the agent; null: it does not matter.</param>
    public async Task<IReadOnlyList<NextAction>> Before(FlowState flow, CampaignEntry campaign, string? owner)
    {
        if (!flow.CanDo(campaign) || (await Taking([campaign], flow)).Count == 0) return (await Advance(flow)).Actions;

        return flow.CanClaim(campaign) && (campaign.Definition.Owner is not { } sponsor || (owner is not null && owner != sponsor))
            ? [Actions.CompleteTask(flow, campaign), Actions.ClaimTask(flow, campaign)]
            : [Actions.CompleteTask(flow, campaign)];
    }

    /// <summary>After a task was done: run what it has unlocked.</summary>
    public async Task<IReadOnlyList<NextAction>> Unlocked(FlowState flow, CampaignEntry campaign)
    {
        var services = campaign.Definition.Services.Select(s => flow.Catalogue.Service(s.ServiceId)).OfType<ServiceEntry>();
        var offers = await Funded(flow, [.. services.Select(flow.OfferOf).OfType<RunOffer>().Take(Most)]);
        return offers.Count > 0 ? [Actions.RunService(flow, offers[0].Service)] : (await Advance(flow)).Actions;
    }

    /// <summary>The session may not talk to the agents that the request is about.</summary>
    public Task<Advice> AfterPeersRefused(AgentCaller caller) => Advise(caller, static _ => Task.FromResult<IReadOnlyList<NextAction>>([Actions.AuthenticateForPeers]));

    /// <summary>What would succeed instead of a call that is refused.</summary>
    public async Task<Advice> AfterRefused(AgentCaller caller, Rejection rejection)
    {
        switch (rejection.Code)
        {
            case Codes.Unauthorized or Codes.SessionExpired or Codes.SessionRevoked or Codes.TestReset:
                return Advice.Of(NextAction.Authenticate);
            case Codes.BudgetExceeded:
                return await Advise(caller, flow => Within(flow, rejection));
            case Codes.RewardsExhausted:
                return await Advise(caller, Instead);
            case Codes.SessionSuspended:
                return Advice.Of(Actions.EndSession);
            case Codes.RateLimited:
                return new(await Allowance(caller), []);
            case Codes.DuplicateRequest when RunOf(rejection) is { } run:
                return new(await Allowance(caller), [Actions.GetRun(run)]);
            default:
                return await Advise(caller, async flow => (await Advance(flow)).Actions);
        }
    }

    /// <summary>A read: it visits its session, which may refuse it, and is then answered from the state of the flow.</summary>
    /// <param name="refused">Why it is refused, unless the session itself refuses it. Null if it is not.</param>
    public async Task<Result<T>> Visit<T>(AgentCaller caller, Func<FlowState, Task<Result<T>>> answer, Rejection? refused = null)
        where T : class
    {
        var (flow, rejection) = await Enter(caller, refused);
        if (flow is null) return Result.Refused<T>(rejection!, await AfterRefused(caller, rejection!));

        var result = await answer(flow);
        return result with { Advice = result.Advice with { Allowance = Of(flow) } };
    }

    /// <summary>Has the session count a read. Returns the state of the flow, or why the read is refused.</summary>
    public async Task<(FlowState? Flow, Rejection? Refused)> Enter(AgentCaller caller, Rejection? refused)
    {
        var visited = await sessions.Visit(caller, refused);
        return visited.Rejection is { } rejection ? (null, rejection) : (await Read(caller.Tenant, visited.As<SessionView>()), null);
    }

    /// <summary>The session's standing, and advice by the state of the flow, as far as their owners answer in time.</summary>
    /// <param name="known">The session, if the caller knows it already.</param>
    public async Task<Advice> Advise(AgentCaller caller, Func<FlowState, Task<IReadOnlyList<NextAction>>> advise, SessionView? known = null)
    {
        if ((known ?? await Session(caller)) is not { } session) return Advice.None;

        try
        {
            var flow = await Read(caller.Tenant, session);
            return new(Of(flow), await advise(flow));
        }
        catch (OperatingException e)
        {
            NoAdvice(log, e.Failure.Kind);
            return new(Calls.Allowance.Of(session), []);
        }
    }

    /// <summary>The same for a reply whose one next action is the state of the flow. Only what is left of the limits is asked for.</summary>
    public async Task<Advice> LeadOn(AgentCaller caller, SessionView? known = null)
    {
        if ((known ?? await Session(caller)) is not { } session) return Advice.None;

        var allowance = Calls.Allowance.Of(session);
        try
        {
            var sponsorship = entities.In(caller.Tenant).User(session.UserId).Send(new UserCommand.GetSponsorship(session.Grantee), Query(caller.Tenant));
            var above = await LeastAbove(caller.Tenant, session);
            return new(allowance with { RemainingMicros = Least(above, Known(await sponsorship)) }, await Onward);
        }
        catch (OperatingException e)
        {
            NoAdvice(log, e.Failure.Kind);
            return new(allowance, []);
        }
    }

    /// <summary>The session's standing as the session itself says. Null if it does not answer in time, or is not there.</summary>
    public async Task<Allowance?> Allowance(AgentCaller caller)
    {
        if (await Session(caller) is not { } session) return null;

        // Most sessions are bound by no other limit, so nothing else is asked.
        return session is { Path: null, Capped: false } ? Calls.Allowance.Of(session) : Of(await Read(caller.Tenant, session));
    }

    internal static Allowance Of(FlowState flow) => new(flow.Session.Rate, flow.Session.Budget, flow.RemainingMicros);

    private async Task<SessionView?> Session(AgentCaller caller)
    {
        try
        {
            return await sessions.Peek(caller);
        }
        catch (OperatingException e)
        {
            NoAdvice(log, e.Failure.Kind);
            return null;
        }
    }

    /// <summary>Escrow moves with every run, so what is offered is asked of the campaign itself.</summary>
    private async Task<IReadOnlyList<RunOffer>> Funded(FlowState flow, IReadOnlyList<RunOffer> offers)
    {
        if (offers.Count == 0) return offers;

        var asked = new Task<Answer>?[offers.Count];
        for (var i = 0; i < asked.Length; i++)
        {
            asked[i] = offers[i].Campaign is { } campaign ? Campaign(flow, campaign) : null;
        }

        var funded = new List<RunOffer>(asked.Length);
        for (var i = 0; i < asked.Length; i++)
        {
            if (asked[i] is not { } answer || (await answer).Reply is CampaignView view && view.Escrow.RemainingMicros >= offers[i].Service.Definition.PriceMicros)
            {
                funded.Add(offers[i]);
            }
        }

        return funded;
    }

    /// <summary>Tasks of campaigns that still take completions and pay for them, or could pay for something afterwards.</summary>
    private async Task<IReadOnlyList<CampaignEntry>> Taking(IReadOnlyList<CampaignEntry> tasks, FlowState flow)
    {
        if (tasks.Count == 0) return tasks;

        var views = await Task.WhenAll(tasks.Select(campaign => Campaign(flow, campaign)));
        return [.. tasks.Where((campaign, i) => views[i].Reply is CampaignView { Closed: false } view
            && !(view.Completions >= view.Definition.MaxCompletions)
            && view.Definition.RewardMicros <= view.Escrow.RemainingMicros
            && (view.Definition.RewardMicros > 0 || view.Definition.Services.Any(s => flow.Catalogue.Service(s.ServiceId) is { } service && campaign.Covers(service)
                && service.Definition.PriceMicros <= Math.Min(view.Escrow.RemainingMicros, flow.LeftFor(service)))))];
    }

    private Task<Answer> Campaign(FlowState flow, CampaignEntry campaign) => entities.In(flow.Tenant).Campaign(campaign.CampaignId).Send(new CampaignCommand.Get(), Query(flow.Tenant));

    private static Guid? RunOf(Rejection rejection) =>
        Guid.TryParse(rejection.FactOf("run_id"), out var run) ? run : null;

    private CommandContext Query(Tenant tenant) => Commands.Fresh(times.Of(tenant));

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "A reply went out without next actions: {Kind}")]
    private static partial void NoAdvice(ILogger log, FailureKind kind);
}
