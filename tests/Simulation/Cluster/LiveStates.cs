using Agora.Core.Access;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;

namespace Agora.Simulation.Cluster;

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
    public static Queue<HeldAt> Held => _held!;

    /// <summary>Holds that some fund refused at least once. Sent twice, one may be refused and then taken: nobody tells it to void.</summary>
    public static HashSet<Guid> Declined => _declined!;

    /// <summary>Funds that have posted something: the row that says so rides a while, and so does what they then owe.</summary>
    public static Queue<StreamId> Riding => _riding!;

    [ThreadStatic]
    private static Queue<StreamId>? _riding;

    [ThreadStatic]
    private static Queue<HeldAt>? _held;

    [ThreadStatic]
    private static HashSet<Guid>? _declined;

    /// <summary>Another seed begins on this thread.</summary>
    public static void Begin(bool isUnchecked) => (Probe, Seen, Unchecked, _riding, _held, _declined) = (null, null, isUnchecked, new(), new(), []);

    public static void Look(object command, Answer? answer)
    {
        (HeldAt Held, bool IsFund)? reserve = command switch
        {
            UserCommand.Node { Asked: NodeCommand.Reserve c } => (new(c.HoldId, c.Owner, c.RunId), false),
            CampaignCommand.Node { Asked: NodeCommand.Reserve c } => (new(c.HoldId, c.Owner, c.RunId), true),
            WalletCommand.Node { Asked: NodeCommand.Reserve c } => (new(c.HoldId, c.Owner, c.RunId), true),
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
            (CampaignState campaign, CampaignCommand.Node { Asked: NodeCommand.Post }) => campaign.Stream,
            (WalletState wallet, WalletCommand.Node { Asked: NodeCommand.Post }) => wallet.Stream,
            _ => null,
        };
        if (fund is { } rides)
        {
            Riding.Enqueue(rides);
        }
    }

    /// <summary>Without the soft fields, which are not journaled (a session's count of requests in the current minute).</summary>
    public static byte[] Saved<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TState state)
        where TState : class
        where TCommand : class
        where TEvent : class =>
        entity.Snapshots.Save(state is SessionState session ? (TState)(object)(session with { Rate = RateWindow.Fresh }) : state);
}
