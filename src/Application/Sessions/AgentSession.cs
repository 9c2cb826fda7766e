using Agora.Application.Calls;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Clocks;

namespace Agora.Application.Sessions;

/// <summary>What an agent sees of its own session and the sessions below it, opens below it, and ends.</summary>
internal sealed class AgentSession(IEntities entities, SessionCalls sessions, Guide guide, TableReader tables, StoredAgents stored, ActingAgents acting, TenantTimes times)
{
    /// <summary>The state of the flow for the session, with all next actions.</summary>
    public Task<Result<FlowStanding>> Status(AgentCaller caller) => guide.Visit(caller, async flow =>
    {
        var offers = flow.Offers(Limits.StatusItems);
        var (step, advancing) = await guide.Advance(flow, offers);
        var actions = new List<NextAction>(advancing);
        await guide.Besides(flow, actions);
        return Result.Of(new FlowStanding(flow, step, offers), Advice.Of(actions));
    });

    /// <summary>The consents that the session's user has given, newest first.</summary>
    public Task<Result<ConsentPage>> Consents(AgentCaller caller, Page page, CancellationToken cancel) => guide.Visit(caller, async flow =>
    {
        var (rows, total) = await tables.In(caller.Tenant).Page(
            UserTables.Consents, page, [new("granted_at", Descending: true), new("consent_id")], cancel, TableReader.Is("user_id", flow.Session.UserId));
        return Result.Of(new ConsentPage(flow, rows, total), Advice.Of(Actions.FlowStatus));
    });

    /// <summary>Withdraws a consent that this agent gave, or a session below this one.</summary>
    public async Task<Result<ConsentWithdrawn>> Withdraw(AgentCaller caller, string consentId)
    {
        var answer = await sessions.Send(caller, new SessionCommand.WithdrawConsent(caller.Request, consentId));
        var result = answer.Rejection is { } rejection
            ? Result.Refused<ConsentWithdrawn>(rejection, await guide.AfterRefused(caller, rejection))
            : Result.Of(answer.As<ConsentWithdrawn>(), await guide.LeadOn(caller));
        return result with { Replayed = answer.Replayed };
    }

    public async Task<Result<SessionEnded>> End(AgentCaller caller)
    {
        var answer = await sessions.Send(caller, new SessionCommand.Revoke(caller.Request));
        return answer.Rejection is { } rejection
            ? Result.Refused<SessionEnded>(rejection, await guide.AfterRefused(caller, rejection))
            : Result.Of(answer.As<SessionEnded>(), Advice.Of(NextAction.Authenticate)) with { Replayed = answer.Replayed };
    }

    /// <summary>Opens a session for another agent below this one.</summary>
    public async Task<Result<Delegated>> Delegate(AgentCaller caller, DelegationRequest request, CancellationToken cancel)
    {
        var answer = await IsStopped(caller, request, cancel)
            ? await sessions.Visit(caller, UserRejection.Stopped)
            : await sessions.Send(caller, new SessionCommand.Delegate(caller.Request, request.AgentId ?? "", request.Scopes, request.BudgetLimitMicros, request.ExpiresInSeconds));
        if (answer.Rejection is { } rejection)
        {
            return Result.Refused<Delegated>(rejection, await AfterRefused(caller, rejection)) with { Replayed = answer.Replayed };
        }

        // Once more, now that the sub-session is in the table by which it would be told: an agent that was stopped meanwhile gets no token for it.
        if (await acting.Recorded(caller.Tenant, request.AgentId!, cancel))
        {
            return Result.Refused<Delegated>(UserRejection.Stopped, await guide.AfterRefused(caller, UserRejection.Stopped));
        }

        var opened = answer.As<SessionOpened>();
        return Result.Of(new Delegated(opened, await Peek(caller.Tenant, opened.SessionId)), await guide.LeadOn(caller)) with { Replayed = answer.Replayed };
    }

    /// <summary>This session and those below it, level by level, so that what is cut off is furthest down.</summary>
    public Task<Result<SessionBranch>> Tree(AgentCaller caller) => guide.Visit(caller, async flow =>
    {
        List<SessionView> shown = [flow.Session];
        for (IReadOnlyList<SessionView> level = shown; level.Count > 0;)
        {
            var views = await Task.WhenAll(level.SelectMany(static view => view.Children ?? []).Take(Limits.TreeNodes - shown.Count).Select(id => Peek(caller.Tenant, id)));
            level = [.. views.OfType<SessionView>()];
            shown.AddRange(level);
        }

        return Result.Of(new SessionBranch(shown, times.Now(caller.Tenant)), Advice.Of(Actions.FlowStatus));
    });

    /// <summary>If more was asked for than this session can give: what it can give, and what it has given already.</summary>
    private Task<Advice> AfterRefused(AgentCaller caller, Rejection rejection) => rejection.Code == Codes.GrantExceeded
        ? guide.Advise(caller, static flow => Task.FromResult<IReadOnlyList<NextAction>>(flow.CanDelegate ? [Actions.DelegateSession(flow), Actions.SessionTree] : [Actions.SessionTree]))
        : guide.AfterRefused(caller, rejection);

    /// <summary>Only users with live sessions of the agent learn of its stop, so the table of agents is asked.</summary>
    private async Task<bool> IsStopped(AgentCaller caller, DelegationRequest request, CancellationToken cancel) =>
        !caller.IsWrong && await stored.Find(caller.Tenant, request.AgentId!, cancel) is { Stopped: true };

    private async Task<SessionView?> Peek(Tenant tenant, string sessionId) =>
        await entities.In(tenant).Session(sessionId).Peek(Commands.Fresh(times.Of(tenant)));
}

/// <summary>The state of the flow for a session.</summary>
/// <param name="Offers">Services that can be run now.</param>
internal sealed record FlowStanding(FlowState Flow, FlowStep Step, IReadOnlyList<RunOffer> Offers);

/// <param name="Rows">Of the table of consents.</param>
internal sealed record ConsentPage(FlowState Flow, IReadOnlyList<NamedRow> Rows, Total Total);

/// <param name="Now">The sub-session as it is now. Null if it is not known.</param>
internal sealed record Delegated(SessionOpened Opened, SessionView? Now);

/// <summary>A session and those below it, each before those below it. Its size is bounded by <see cref="Limits.TreeNodes"/>.</summary>
/// <param name="At">When it was read.</param>
internal sealed record SessionBranch(IReadOnlyList<SessionView> Sessions, DateTimeOffset At);
