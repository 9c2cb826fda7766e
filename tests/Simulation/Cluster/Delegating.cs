using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Simulation.Cluster;

/// <summary>A decider that leaves everything to another one. Those that follow change one member of it.</summary>
public abstract class Delegating<TInner, TState, TCommand, TEvent> : IDecider<TState, TCommand, TEvent>
    where TInner : IDecider<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    public static TCommand Tick => TInner.Tick;

    public static UnionCodec<TEvent> Events => TInner.Events;

    public static UnionCodec<TCommand> Commands => TInner.Commands;

    public static int SnapshotVersion => TInner.SnapshotVersion;

    public static int OldestSnapshotVersion => TInner.OldestSnapshotVersion;

    public static TState Initial(StreamId stream) => TInner.Initial(stream);

    public static Decision<TState, TEvent> Decide(TState state, TCommand command, Context context) => TInner.Decide(state, command, context);

    public static TState Evolve(TState state, TEvent @event, DateTimeOffset at) => TInner.Evolve(state, @event, at);

    public static void CheckInvariants(TState state, bool thorough) => TInner.CheckInvariants(state, thorough);

    public static IEnumerable<Step> Unfinished(TState state, DateTimeOffset now) => TInner.Unfinished(state, now);

    public static bool IsUnfinished(TState state) => TInner.IsUnfinished(state);

    public static DateTimeOffset? Due(TState state) => TInner.Due(state);

    public static Settlement? Recall(TEvent @event, Guid commandId) => TInner.Recall(@event, commandId);

    public static IEnumerable<Row> Rows(TState state, TEvent @event, DateTimeOffset at) => TInner.Rows(state, @event, at);

    public static string? PersonalKey(TState state) => TInner.PersonalKey(state);

    public static bool KeepsCause(TCommand command) => TInner.KeepsCause(command);

    public static byte[] Save(TState state) => TInner.Save(state);

    public static TState Restore(ReadOnlyMemory<byte> saved) => TInner.Restore(saved);
}

/// <summary>Lets a checker look at the state that a live activation decides on: the probe's command brings its bytes to light.</summary>
public sealed class Watched<TInner, TState, TCommand, TEvent> : Delegating<TInner, TState, TCommand, TEvent>, IDecider<TState, TCommand, TEvent>
    where TInner : IDecider<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private static readonly string Kind = TInner.Events.Names.First().Name.Split('.')[0];

    private Watched()
    {
    }

    public static new Decision<TState, TEvent> Decide(TState state, TCommand command, Context context)
    {
        if (context.CommandId == LiveStates.Probe)
        {
            LiveStates.Seen = LiveStates.Saved<TInner, TState, TCommand, TEvent>(state);
        }

        var decision = Recording.Recording.Current is { } recording
            ? recording.Decided(Kind, state, command, context, TInner.Events, () => TInner.Decide(state, command, context))
            : TInner.Decide(state, command, context);
        LiveStates.Look(command, decision.Answer);
        LiveStates.Ride(state, command);
        return decision;
    }

    public static new TState Initial(StreamId stream) => Came("initial", stream.ToString(), TInner.Initial(stream));

    public static new TState Restore(ReadOnlyMemory<byte> saved) => Came("restore", Convert.ToBase64String(saved.Span), TInner.Restore(saved));

    public static new TState Evolve(TState state, TEvent @event, DateTimeOffset at) => Recording.Recording.Current is { } recording
        ? recording.Evolved(Kind, state, Coded(@event), at, () => TInner.Evolve(state, @event, at))
        : TInner.Evolve(state, @event, at);

    public static new IEnumerable<Step> Unfinished(TState state, DateTimeOffset now) =>
        Recording.Recording.Current is { } recording ? recording.Unfinished(Kind, state, now, TInner.Unfinished(state, now)) : TInner.Unfinished(state, now);

    public static new DateTimeOffset? Due(TState state)
    {
        var due = TInner.Due(state);
        Recording.Recording.Current?.Due(Kind, state, due, TInner.IsUnfinished(state), TInner.PersonalKey(state));
        return due;
    }

    public static new Settlement? Recall(TEvent @event, Guid commandId)
    {
        var settlement = TInner.Recall(@event, commandId);
        Recording.Recording.Current?.Recalled(Kind, Coded(@event), commandId, settlement);
        return settlement;
    }

    public static new IEnumerable<Row> Rows(TState state, TEvent @event, DateTimeOffset at)
    {
        IReadOnlyList<Row> rows = [.. TInner.Rows(state, @event, at)];
        Recording.Recording.Current?.Rows(Kind, state, Coded(@event), at, rows);
        return rows;
    }

    public static new byte[] Save(TState state)
    {
        var saved = TInner.Save(state);
        Recording.Recording.Current?.Saved(Kind, state, saved);
        return saved;
    }

    /// <summary>What a checker must find in a planted bug is not to be stopped by what the product itself notices.</summary>
    public static new void CheckInvariants(TState state, bool thorough)
    {
        if (!LiveStates.Unchecked)
        {
            TInner.CheckInvariants(state, thorough);
        }
    }

    private static TState Came(string op, string from, TState state) => Recording.Recording.Current?.Came(op, Kind, from, state) ?? state;

    private static object[] Coded(TEvent @event) => Recording.Recording.Current is null ? [] : Recording.Recording.Coded(TInner.Events.Encode(@event));
}

/// <summary>A hold that a node has, or may come to have.</summary>
public readonly record struct HeldAt(Guid HoldId, string Owner, Guid RunId);

/// <summary>One seed runs on one thread, so that what its probe saw is the thread's.</summary>
public static class LiveStates
{
    [field: ThreadStatic]
    public static Guid? Probe { get; set; }

    [field: ThreadStatic]
    public static byte[]? Seen { get; set; }

    /// <summary>The product's own invariants of states are off.</summary>
    [field: ThreadStatic]
    public static bool Unchecked { get; private set; }

    /// <summary>Holds that a node has agreed to, durable or not.</summary>
    public static Queue<HeldAt> Held => t_held!;

    /// <summary>Holds that some fund refused at least once. Sent twice, one may be refused and then taken: nobody tells it to void.</summary>
    public static HashSet<Guid> Declined => t_declined!;

    /// <summary>Funds that have posted something: the row that says so rides a while, and so does what they then owe.</summary>
    public static Queue<StreamId> Riding => t_riding!;

    [ThreadStatic]
    private static Queue<StreamId>? t_riding;

    [ThreadStatic]
    private static Queue<HeldAt>? t_held;

    [ThreadStatic]
    private static HashSet<Guid>? t_declined;

    /// <summary>Another seed begins on this thread.</summary>
    public static void Begin(bool isUnchecked) => (Probe, Seen, Unchecked, t_riding, t_held, t_declined) = (null, null, isUnchecked, new(), new(), []);

    public static void Look(object command, Answer? answer)
    {
        (HeldAt Held, bool IsFund)? reserve = command switch
        {
            UserCommand.Reserve c => (new(c.HoldId, c.Owner, c.RunId), false),
            CampaignCommand.Reserve c => (new(c.HoldId, c.Owner, c.RunId), true),
            WalletCommand.Reserve c => (new(c.HoldId, c.Owner, c.RunId), true),
            _ => null,
        };
        if (reserve is { IsFund: true } && answer?.Rejection is not null)
        {
            Declined.Add(reserve.Value.Held.HoldId);
        }
        else if (reserve is { } agreed && answer is { Rejection: null })
        {
            Held.Enqueue(agreed.Held);
        }
    }

    public static void Ride(object state, object command)
    {
        StreamId? fund = (state, command) switch
        {
            (CampaignState campaign, CampaignCommand.Post) => campaign.Stream,
            (WalletState wallet, WalletCommand.Post) => wallet.Stream,
            _ => null,
        };
        if (fund is { } rides)
        {
            Riding.Enqueue(rides);
        }
    }

    /// <summary>Without the soft fields, which are not journaled (a session's count of requests in the current minute).</summary>
    public static byte[] Saved<TDecider, TState, TCommand, TEvent>(TState state)
        where TDecider : IDecider<TState, TCommand, TEvent>
        where TState : class
        where TCommand : class
        where TEvent : class =>
        TDecider.Save(state is SessionState session ? (TState)(object)(session with { Rate = RateWindow.Fresh }) : state);
}
