using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Grains.Clocks;

namespace Agora.Application.Calls;

/// <summary>
/// Sends the calls of agents to their sessions. A session decides revocation, suspension, rate, scope and idempotency, and writes the audit, of calls that are wrong as well as of those that are right.
/// </summary>
internal sealed class SessionCalls(IEntities entities, TenantTimes times)
{
    /// <summary>How long an idempotency key of a session is known.</summary>
    public static readonly TimeSpan KeyKept = Limits.SessionMaxAge + Limits.ClientKeyKept;

    public DateTimeOffset Now(Tenant tenant) => times.Now(tenant);

    public EntityRef<LeafCommand> Of(AgentCaller caller) => entities.In(caller.Tenant).Session(caller.SessionId);

    /// <summary>Sends the command. A call that is wrong only visits its session, because its facts are not to be decided on.</summary>
    public Task<Answer> Send(AgentCaller caller, LeafCommand command) =>
        !caller.IsWrong || (caller.Request.Malformed is null && caller.SubjectFirst) ? Of(caller).Send(command, caller.Context) : Visit(caller);

    /// <summary>Counts a read, or a call that is refused. If the session refuses the call itself, that is the answer. A call that is part of a page is not counted again.</summary>
    public async Task<Answer> Visit(AgentCaller caller, Rejection? refused = null) =>
        refused is null && caller.IsPart && await Peek(caller) is { } view && view.Refusal(Now(caller.Tenant)) is null ? new(view, null) : await Of(caller).Send(new SessionCommand.Visit(caller.Request, refused), Fresh(caller.Tenant));

    /// <summary>Counts a call that talks to peers, which the session's scope must allow.</summary>
    /// <param name="peers">As of <see cref="SessionCommand.Visit"/>.</param>
    public Task<Answer> VisitPeers(AgentCaller caller, IReadOnlyList<string>? peers) =>
        Of(caller).Send(new SessionCommand.Visit(caller.SubjectFirst ? caller.Request with { Violations = null } : caller.Request, Peers: peers), Fresh(caller.Tenant));

    /// <summary>Why the session of a call may not talk to the agents that the call was found to be about. The refusal is counted as a violation. Null if it may, and of a call that came with a key.</summary>
    public async Task<Rejection?> Beyond(PeerCaller caller, IReadOnlyList<string> peers) =>
        caller is not { Session.Scopes: { } scopes, Within: { } within } || scopes.Beyond(peers) is null ? null : (await VisitPeers(within with { SubjectFirst = true }, peers)).Rejection;

    /// <summary>Asks the session something beside the command, or in its place. It has no idempotency key.</summary>
    public Task<Answer> Ask(AgentCaller caller, LeafCommand command) => Of(caller).Send(command, Fresh(caller.Tenant));

    /// <summary>The session as it is now, without audit and rate. Null if there is no such session.</summary>
    /// <param name="underWay">The only run that is looked for. Null for the latest.</param>
    public Task<SessionView?> Peek(AgentCaller caller, Guid? underWay = null) => Of(caller).Peek(Fresh(caller.Tenant), underWay);

    /// <summary>The user of the session. Null if there is no such session, which refuses what it is sent.</summary>
    public async Task<string?> User(AgentCaller caller) => (await Peek(caller))?.UserId;

    /// <summary>The context of the n-th command of a call that sends several: 0 is the call's own. A repeat of the call has the same. No client's key has a blank.</summary>
    public CommandContext ContextOf(AgentCaller caller, int attempt) => attempt == 0 ? caller.Context
        : caller.Context.Key is { } key ? Commands.Keyed(caller.Tenant, $"{key.Key} {attempt}", caller.SessionId, key.BodyHash, KeyKept, times.Of(caller.Tenant)) : Fresh(caller.Tenant);

    /// <summary>The context of a query beside a command.</summary>
    public CommandContext Fresh(Tenant tenant) => Commands.Fresh(times.Of(tenant));
}
