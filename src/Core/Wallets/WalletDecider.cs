using System.Diagnostics;
using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Wallets.WalletState, Agora.Core.Wallets.WalletEvent>;

namespace Agora.Core.Wallets;

/// <summary>
/// A wallet takes what is sent to it, each transfer exactly once. It refuses no money: who sends has already parted with it.
/// <para>Rules: a source numbers its transfers 1, 2, 3 … and has one under way at a time. The next number is credited, an
/// earlier one is answered again. Broken invariants: <c>transfer_gap</c> (a number was left out: money would be lost),
/// <c>credit_positive</c>.</para>
/// </summary>
public sealed class WalletDecider : IDecider<WalletState, WalletCommand, WalletEvent>
{
    private WalletDecider()
    {
    }

    public static WalletState Initial(StreamId stream) => WalletState.Initial(stream);

    public static Decided Decide(WalletState state, WalletCommand command, Context context) => command switch
    {
        WalletCommand.Credit c => Credit(state, c),
        WalletCommand.Get => Decided.Query(state.View),
        WalletCommand.Tick => Decided.Accept(Nothing.Value),
        _ => throw new UnreachableException(),
    };

    private static Decided Credit(WalletState state, WalletCommand.Credit c)
    {
        Invariant.Check(c.AmountMicros > 0, "credit_positive");
        var last = state.LastNumberOf(c.Source);
        Invariant.Check(c.Number <= last + 1, "transfer_gap");
        var reply = new Credited(c.Source, c.Number);
        return c.Number <= last
            ? Decided.Accept(reply)
            : Decided.Accept(reply, new WalletEvent.Credited(c.Source, c.Number, c.AmountMicros, c.Memo)).Ride(Riding.Awaited);
    }

    public static WalletState Evolve(WalletState state, WalletEvent @event, DateTimeOffset at) => state.Evolve(@event, at);

    public static void CheckInvariants(WalletState state, bool thorough) => state.CheckInvariants(thorough);

    public static IEnumerable<Step> Unfinished(WalletState state, DateTimeOffset now) => [];

    public static bool IsUnfinished(WalletState state) => false;

    public static DateTimeOffset? Due(WalletState state) => null;

    public static WalletCommand Tick { get; } = new WalletCommand.Tick();

    public static Settlement? Recall(WalletEvent @event, Guid commandId) => @event switch
    {
        WalletEvent.Credited e => new(commandId, Answer.Of(new Credited(e.Source, e.Number))),
        _ => throw new UnreachableException(),
    };

    public static IEnumerable<Row> Rows(WalletState state, WalletEvent @event, DateTimeOffset at) => WalletTables.Rows(state);

    public static UnionCodec<WalletEvent> Events => WalletCodec.Events;

    public static UnionCodec<WalletCommand> Commands => WalletCodec.Commands;

    public static string? PersonalKey(WalletState state) => null;

    /// <summary>The event holds all that a credit rests on.</summary>
    public static bool KeepsCause(WalletCommand command) => false;

    public static int SnapshotVersion => 1;

    public static byte[] Save(WalletState state) => WalletCodec.Save(state);

    public static WalletState Restore(ReadOnlyMemory<byte> saved) => WalletCodec.Restore(saved);
}
