using Agora.Application.Calls;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Watches;
using Agora.Grains.Kernel;

namespace Agora.Application.Watches;

/// <summary>Dialogues as the journal has them: of the same agent of the same user, and of nobody else. Whoever reads one wakes nothing.</summary>
internal sealed class WatchBooks(PersonalLog log)
{
    /// <returns>Null: there is none, or it is another's.</returns>
    public async Task<WatchBook?> Find(ModelCaller call, SessionView session, Guid watchId) =>
        await Find(call.Tenant.Watch(OwnedIds.Of(watchId, session.UserId)), call.Cancel) is { } book && book.State.AgentId == SessionPaths.Agents(session) ? book : null;

    /// <summary>As it began, for lists.</summary>
    /// <returns>Null: there is none.</returns>
    public async Task<WatchBook?> Beginning(ModelCaller call, SessionView session, Guid watchId)
    {
        var stream = call.Tenant.Watch(OwnedIds.Of(watchId, session.UserId));
        return WatchBook.Of(stream, await log.Beginning(WatchEntity.Entity, stream, call.Cancel));
    }

    /// <returns>Null: there is none.</returns>
    public async Task<WatchBook?> Find(StreamId stream, CancellationToken cancel) => WatchBook.Of(stream, await log.Whole(WatchEntity.Entity, stream, cancel));
}

/// <summary>A dialogue as it was read.</summary>
/// <param name="Brief">Null: the user's data were erased.</param>
/// <param name="Turns">That were begun or said, in order.</param>
internal sealed record WatchBook(WatchState State, WatchBrief? Brief, IReadOnlyList<WatchTurn> Turns, IReadOnlyList<Logged<WatchEvent>> Events)
{
    public static WatchBook? Of(StreamId stream, IReadOnlyList<Logged<WatchEvent>> events)
    {
        if (events.Count == 0) return null;

        var (state, turns) = (new WatchState(stream), new SortedDictionary<int, WatchTurn>());
        foreach (var (_, at, happened) in events)
        {
            state = state.Evolve(happened, at);
            switch (happened)
            {
                case WatchEvent.TurnBegun e:
                    var begun = turns.GetValueOrDefault(e.Number) ?? new(e.Number, e.Seat, at, null, []);
                    turns[e.Number] = begun with { Calls = [.. begun.Calls, new(e.Attempt, e.RunId, e.SessionId, null, null, null)] };
                    break;
                case WatchEvent.TurnEnded e:
                    turns[e.Number] = turns[e.Number].Over(new(e.Attempt, e.RunId, "", e.Finish, null, e.CostMicros));
                    break;
                case WatchEvent.TurnFailed e:
                    turns[e.Number] = turns[e.Number].Over(new(e.Attempt, e.RunId, "", null, e.Code, e.CostMicros));
                    break;
                case WatchEvent.Said e:
                    turns[e.Did.Turn] = (turns.GetValueOrDefault(e.Did.Turn) ?? new(e.Did.Turn, e.Did.Seat, at, null, [])) with { Seat = e.Did.Seat, At = at, IsPersons = true, Words = e.Words?.Read<string>() };
                    break;
            }
        }

        return new(state, state.Brief?.Read<WatchBrief>(), [.. turns.Values], events);
    }
}

/// <summary>A turn that was begun or said.</summary>
/// <param name="Seat">Null: a person's words between the seats.</param>
/// <param name="Words">A person's; null: a model's, or the user's data were erased.</param>
/// <param name="Calls">Of models, in order: each but the last came to nothing.</param>
internal sealed record WatchTurn(int Number, int? Seat, DateTimeOffset At, string? Words, IReadOnlyList<WatchCall> Calls, bool IsPersons = false)
{
    public WatchCall? Call => Calls.Count == 0 ? null : Calls[^1];

    public WatchTurn Over(WatchCall call) => this with { Calls = [.. Calls.Take(Calls.Count - 1), call with { SessionId = Calls[^1].SessionId }] };
}

/// <param name="Finish">Null: it goes on, or failed.</param>
/// <param name="FailureCode">Null: it did not fail.</param>
/// <param name="CostMicros">What its run posted; null: it goes on.</param>
internal sealed record WatchCall(int Attempt, Guid RunId, string SessionId, TurnFinish? Finish, string? FailureCode, long? CostMicros);
