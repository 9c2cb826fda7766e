using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Core.Nodes;

/// <summary>
/// Who waits at a limit for holds that are about to end: first come, first served. It decides nothing about money: whoever is told that there is room asks to hold it as anybody does, and may be refused again. So it is in memory only, and
/// a crash forgets it.
/// <para>Whoever is let in has <see cref="Limits.RoomKept"/> to ask; for so long what it waited for is kept from those behind it.</para>
/// </summary>
public sealed record WaitingRoom(ImmutableArray<Waiter> Waiting, ImmutableArray<Waiter> LetIn)
{
    public static WaitingRoom Empty { get; } = new([], []);

    /// <summary>Somebody waits, or was let in and has not asked yet.</summary>
    public bool IsUsed(DateTimeOffset now) => !Waiting.IsEmpty || LetIn.Any(waiter => now < waiter.Until);

    /// <summary>By all of them together.</summary>
    public long Wanted(DateTimeOffset now) => Waiting.Sum(waiter => waiter.AmountMicros) + LetIn.Where(waiter => now < waiter.Until).Sum(waiter => waiter.AmountMicros);

    public WaitingRoom With(Waiter waiter) => this with { Waiting = Waiting.Add(waiter) };

    /// <summary>Those whose turn it is, and those who have waited long enough, with what each is told.</summary>
    /// <param name="free">What is free for a waiter at its limit.</param>
    public (WaitingRoom Room, IReadOnlyList<(Waiter Waiter, RoomTold Told)> Told) Look(Func<Waiter, long> free, DateTimeOffset now)
    {
        var (told, letIn) = (new List<(Waiter, RoomTold)>(), LetIn.RemoveAll(waiter => now >= waiter.Until));
        var waiting = ImmutableArray<Waiter>.Empty;
        foreach (var next in Waiting)
        {
            var (there, kept) = (free(next), letIn.Sum(waiter => waiter.AmountMicros));
            if (waiting.IsEmpty && there - kept >= next.AmountMicros)
            {
                told.Add((next, new(IsRoom: true, there)));
                letIn = letIn.Add(next with { Until = now + Limits.RoomKept });
            }
            else if (now >= next.Until)
            {
                told.Add((next, new(IsRoom: false, Math.Max(0, there - kept))));
            }
            else
            {
                waiting = waiting.Add(next); // whoever comes behind it waits for it, too
            }
        }

        return (new(waiting, letIn), told);
    }
}

/// <param name="CommandId">Of the question that is answered when it is its turn.</param>
/// <param name="Until">So long it waits; of one that was let in, so long its place is kept.</param>
public sealed record Waiter(Guid CommandId, long AmountMicros, DateTimeOffset Until, ReserveTerms Terms);

/// <summary>What whoever waited is told.</summary>
/// <param name="IsRoom">There is as much as it waits for. False: there is not, and waiting longer may not help.</param>
/// <param name="FreeMicros">What is free now.</param>
public sealed record RoomTold(bool IsRoom, long FreeMicros) : NodeAnswer;

/// <summary>How a limit lets those wait who would be refused only because others hold what they will not spend.</summary>
internal static class RoomDecider<TLimit, TState, TEvent>
    where TLimit : ILimit<TState, TEvent>
    where TState : class
    where TEvent : class
{
    public static Decision<TState, TEvent> Await(TState state, NodeCommand.AwaitRoom c, Context context)
    {
        var (room, free) = (TLimit.RoomOf(state), TLimit.FreeFor(state, c.Terms, c.AmountMicros, context));
        if (free.Now >= c.AmountMicros && !room.IsUsed(context.Now)) return Decision<TState, TEvent>.Query(new RoomTold(IsRoom: true, free.Now));
        if (free.AtMost < c.AmountMicros || room.Waiting.Length >= Limits.RoomWaiters || c.Seconds <= 0)
        {
            return Decision<TState, TEvent>.Query(new RoomTold(IsRoom: false, free.Now));
        }

        var wait = TimeSpan.FromSeconds(Math.Min(c.Seconds, Limits.RoomWaitAtMost.TotalSeconds));
        var waiter = new Waiter(context.CommandId, c.AmountMicros, context.Now + wait, c.Terms);
        return Decision<TState, TEvent>.Later().WithSoft(TLimit.WithRoom(state, room.With(waiter))).Then(
            new Step(Phase.AfterCommit, new StepTarget.Later(wait + Limits.RoomLookedLater), _ => TLimit.Learn(new NodeOutcome.RoomLooked()), context.CommandId) { IsSole = true });
    }

    public static Decision<TState, TEvent> Look(TState state, Context context)
    {
        var (room, told) = TLimit.RoomOf(state).Look(waiter => TLimit.FreeFor(state, waiter.Terms, waiter.AmountMicros, context).Now, context.Now);
        var looked = Decision<TState, TEvent>.NoChange.WithSoft(TLimit.WithRoom(state, room));
        return told.Aggregate(looked, static (decision, one) => decision.Answering(one.Waiter.CommandId, Answer.Of(one.Told)));
    }

    /// <summary>A hold has ended: whoever waits is looked at.</summary>
    public static Step[] Wake(WaitingRoom room) => room.Waiting.IsEmpty ? [] : [new(Phase.AfterCommit, new StepTarget.Self(), _ => TLimit.Learn(new NodeOutcome.RoomLooked()))];
}
