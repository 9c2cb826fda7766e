using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Grains.Kernel;

namespace Agora.Application.Calls;

/// <summary>A call of an agent that asks models: sent by a client of models, or by an agent for something else that models are asked for.</summary>
/// <param name="caller">The call as its session sees it.</param>
internal sealed class ModelCaller(AgentCaller caller, SessionCalls sessions)
{
    /// <summary>The call as its session sees it.</summary>
    public AgentCaller Caller { get; } = caller;

    /// <summary>The owner of the places that the call takes.</summary>
    public required PlaceOwner Owner { get; init; }

    /// <summary>What was sent, as bytes.</summary>
    public ReadOnlyMemory<byte> Sent { get; init; }

    /// <summary>How long the caller wants to wait at a limit, or for its user. Null if it does not say.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>What the caller wishes of the route that a router takes. Null if nothing.</summary>
    public string? Wish { get; init; }

    /// <summary>The age of a kept reply that the caller takes, at most as long as the argument says; both in seconds. Null if it takes none.</summary>
    public Func<int, int?> MaxAge { get; init; } = static most => most;

    /// <summary>Gives back the place of what was sent, because it is counted elsewhere from now on.</summary>
    public Action GiveBack { get; init; } = static () => { };

    /// <summary>Nobody waits for the answer any more.</summary>
    public CancellationToken Cancel { get; init; }

    public Tenant Tenant => Caller.Tenant;

    public string SessionId => Caller.SessionId;

    public EntityRef<LeafCommand> Session => sessions.Of(Caller);

    public CommandContext Context => Caller.Context;

    public RequestInfo Info => Caller.Request;

    public bool IsKeyed => Caller.IsKeyed;

    public int SentBytes => Sent.Length;

    public DateTimeOffset Now => sessions.Now(Tenant);

    /// <inheritdoc cref="SessionCalls.ContextOf"/>
    public CommandContext ContextOf(int attempt) => sessions.ContextOf(Caller, attempt);

    /// <summary>The context of a query beside the command.</summary>
    public CommandContext Fresh() => sessions.Fresh(Tenant);

    /// <inheritdoc cref="SessionCalls.Visit"/>
    public Task<Answer> Visit(Rejection? refused = null) => sessions.Visit(Caller, refused);

    /// <summary>Has the session count the call. Returns the session, or why the call is refused: by the session, for what was sent, or for this.</summary>
    public async Task<(SessionView? Session, Rejection? Refused)> Enter(Rejection? why = null)
    {
        var answer = await Visit(Caller.Wrong ?? why);
        return answer.Rejection is { } rejection ? (null, rejection) : (answer.As<SessionView>(), null);
    }

    /// <inheritdoc cref="SessionCalls.Peek"/>
    public Task<SessionView?> Peek() => sessions.Peek(Caller);

    /// <summary>Why the call is refused: by the session, which counts it, or for this.</summary>
    public async Task<Rejection> Refusal(Rejection why) => (await Visit(why)).Rejection ?? why;

    /// <summary>Takes a place for what is asked for, which counts what was sent too from then on.</summary>
    /// <param name="more">Bytes in addition to those that were sent.</param>
    /// <returns>As of <see cref="CallPlaces.Begin"/>.</returns>
    public CallPlaces.Place? Take(CallPlaces places, long more = 0)
    {
        GiveBack();
        return places.Begin(Owner, SentBytes + more);
    }
}
